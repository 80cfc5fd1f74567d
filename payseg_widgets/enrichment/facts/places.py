"""Which region a county, a council or a town lies in.

General geography: local authorities, ceremonial, historic and former postal counties, towns and their abbreviations, written
down without a gazetteer and compared with the postcodes beside them in real tables (docs/enrichment_facts.md). A county that
a border of regions cuts is given to the region that holds most of it; ``CUT`` names those.
"""

from __future__ import annotations

#: What each region is called, beside its name.
REGION_ALIASES = {
    "North East": "ne|n east|north east england|northeast|tlc|ukc|the north east",
    "North West": "nw|n west|north west england|northwest|tld|ukd|the north west",
    "Yorkshire and The Humber": (
        "yorkshire|yorks|yorkshire humber|yorks humber|yh|yorkshire and humberside|yorkshire humberside"
        "|humberside|humber|tle|uke"
    ),
    "East Midlands": "em|e midlands|east mids|e mids|tlf|ukf|the east midlands",
    "West Midlands": "wm|w midlands|west mids|w mids|tlg|ukg|the west midlands",
    "East of England": (
        "east|eoe|eastern|east england|eastern england|east anglia|e of england|tlh|ukh|the east of england"
    ),
    "London": (
        "greater london|gtr london|gt london|g london|london city|city of london|central london|tli|uki|ldn"
        "|inner london|outer london"
    ),
    "South East": "se|s east|south east england|southeast|tlj|ukj|the south east",
    "South West": "sw|s west|south west england|southwest|west country|tlk|ukk|the south west",
    "Wales": "cymru|wls|gb wls|north wales|south wales|mid wales|west wales|tll|ukl",
    "Scotland": "alba|sct|gb sct|tlm|ukm|scottish highlands|scottish borders|borders",
    "Northern Ireland": "ni|nir|gb nir|n ireland|ulster|tln|ukn|north ireland",
}

#: Region -> counties, councils and towns.
PLACES = {
    "North East": (
        "county durham|co durham|durham|northumberland|tyne and wear|tyneside|teesside|cleveland|tees valley"
        "|newcastle upon tyne|newcastle|gateshead|sunderland|north tyneside|south tyneside|hartlepool"
        "|middlesbrough|redcar and cleveland|redcar|stockton on tees|darlington|south shields|north shields"
        "|wallsend|washington|morpeth|hexham|berwick upon tweed|alnwick|consett|bishop auckland|peterlee|blyth"
        "|cramlington|whitley bay|wearside|ashington"
    ),
    "North West": (
        "lancashire|lancs|cheshire|ches|cumbria|greater manchester|gtr manchester|gt manchester|merseyside"
        "|westmorland|cumberland|westmorland and furness|cheshire east|cheshire west and chester|manchester"
        "|salford|bolton|bury|oldham|rochdale|stockport|tameside|trafford|wigan|liverpool|knowsley|sefton"
        "|st helens|wirral|the wirral|halton|warrington|blackburn with darwen|blackburn|blackpool|burnley|preston"
        "|lancaster|chorley|hyndburn|accrington|pendle|nelson|colne|rossendale|rawtenstall|ribble valley"
        "|clitheroe|south ribble|leyland|west lancashire|ormskirk|skelmersdale|wyre|fylde|lytham st annes"
        "|morecambe|fleetwood|northwich|crewe|macclesfield|chester|ellesmere port|runcorn|widnes|knutsford"
        "|wilmslow|congleton|nantwich|winsford|carlisle|kendal|barrow in furness|penrith|workington|whitehaven"
        "|birkenhead|wallasey|bootle|southport|altrincham|sale|ashton under lyne|stalybridge|leigh|middleton"
        "|eccles|darwen|bacup"
    ),
    "Yorkshire and The Humber": (
        "west yorkshire|w yorkshire|w yorks|west yorks|south yorkshire|s yorkshire|s yorks|south yorks"
        "|north yorkshire|n yorkshire|n yorks|north yorks|east yorkshire|e yorkshire|e yorks|east yorks"
        "|east riding|east riding of yorkshire|north humberside|south humberside|n humberside|s humberside"
        "|north lincolnshire|north east lincolnshire|n e lincolnshire|ne lincolnshire|leeds|bradford|sheffield"
        "|york|hull|kingston upon hull|wakefield|calderdale|kirklees|huddersfield|halifax|barnsley|doncaster"
        "|rotherham|harrogate|scarborough|skipton|ripon|selby|dewsbury|batley|keighley|pontefract|castleford"
        "|grimsby|scunthorpe|cleethorpes|beverley|bridlington|goole|holmfirth|northallerton|whitby|brighouse"
        "|todmorden|hebden bridge|immingham|ilkley|otley|pudsey"
    ),
    "East Midlands": (
        "derbyshire|derbys|leicestershire|leics|lincolnshire|lincs|northamptonshire|northants|nottinghamshire"
        "|notts|rutland|derby|leicester|lincoln|northampton|nottingham|west northamptonshire"
        "|north northamptonshire|chesterfield|mansfield|loughborough|kettering|corby|wellingborough|newark"
        "|newark on trent|boston|grantham|stamford|spalding|gainsborough|worksop|retford|ilkeston|long eaton"
        "|hinckley|market harborough|melton mowbray|daventry|brackley|buxton|glossop|matlock|skegness|sleaford"
        "|coalville|rushden|bassetlaw|high peak|south derbyshire|swadlincote|oakham|louth lincolnshire"
    ),
    "West Midlands": (
        "west midlands county|herefordshire|hereford and worcester|shropshire|salop|staffordshire|staffs"
        "|warwickshire|warks|warwicks|worcestershire|worcs|birmingham|coventry|dudley|sandwell|solihull|walsall"
        "|wolverhampton|stoke on trent|telford and wrekin|telford|hereford|worcester|shrewsbury|stafford|warwick"
        "|leamington spa|rugby|nuneaton|stratford upon avon|burton upon trent|burton on trent|cannock|lichfield"
        "|tamworth|redditch|kidderminster|bromsgrove|malvern|evesham|stourbridge|halesowen|west bromwich"
        "|sutton coldfield|oswestry|newcastle under lyme|bedworth|oldbury|smethwick|tipton|wednesbury|willenhall"
        "|bilston|kenilworth|droitwich|droitwich spa|leominster|black country"
    ),
    "East of England": (
        "bedfordshire|beds|cambridgeshire|cambs|essex|hertfordshire|herts|norfolk|suffolk|central bedfordshire"
        "|bedford|luton|cambridge|peterborough|southend on sea|southend|thurrock|norwich|ipswich|colchester"
        "|chelmsford|basildon|harlow|watford|stevenage|st albans|hemel hempstead|welwyn garden city|hatfield"
        "|hertford|letchworth|hitchin|bishops stortford|huntingdon|ely|wisbech|kings lynn|great yarmouth"
        "|lowestoft|bury st edmunds|newmarket|felixstowe|sudbury|thetford|braintree|brentwood|billericay|grays"
        "|clacton on sea|harwich|dunstable|leighton buzzard|biggleswade|huntingdonshire|west suffolk|east suffolk"
        "|borehamwood|cheshunt|broxbourne|dacorum|hertsmere|royston|saffron walden|witham|maldon|rickmansworth"
    ),
    "London": (
        "london uk|london england|middlesex|middx|barking and dagenham|barking|dagenham|barnet|bexley|brent"
        "|bromley|camden|croydon|ealing|enfield|greenwich|hackney|hammersmith|hammersmith and fulham|haringey"
        "|harrow|havering|romford|hillingdon|uxbridge|hounslow|islington|kensington|kensington and chelsea"
        "|kingston upon thames|lambeth|lewisham|merton|newham|redbridge|ilford|richmond upon thames|southwark"
        "|sutton|tower hamlets|waltham forest|walthamstow|wandsworth|westminster|city of westminster|twickenham"
        "|wembley|hayes|southall|acton|chiswick|brentford|feltham|canary wharf|docklands|stratford london"
        "|wimbledon|putney|tottenham|edgware|northolt|ruislip|stanmore|isleworth|fitzrovia|mayfair|soho"
    ),
    "South East": (
        "berkshire|berks|buckinghamshire|bucks|east sussex|e sussex|hampshire|hants|isle of wight|iow|i o w|kent"
        "|oxfordshire|oxon|surrey|west sussex|w sussex|sussex|bracknell forest|bracknell|brighton and hove"
        "|brighton|hove|medway|milton keynes|portsmouth|reading|slough|southampton|west berkshire"
        "|windsor and maidenhead|windsor|maidenhead|wokingham|newbury|oxford|banbury|bicester|abingdon|didcot"
        "|witney|aylesbury|high wycombe|buckingham|amersham|beaconsfield|guildford|woking|reigate|redhill|epsom"
        "|farnham|camberley|weybridge|leatherhead|dorking|staines|staines upon thames|crawley|horsham|worthing"
        "|chichester|bognor regis|haywards heath|eastbourne|hastings|battle|lewes|bexhill on sea|canterbury"
        "|maidstone|ashford|dover|folkestone|dartford|gravesend|tunbridge wells|royal tunbridge wells|tonbridge"
        "|sevenoaks|chatham|gillingham|rochester|margate|ramsgate|basingstoke|andover|winchester|eastleigh"
        "|fareham|gosport|havant|aldershot|farnborough|fleet|petersfield|egham|esher|walton on thames|chertsey"
        "|addlestone|henley on thames|marlow|sittingbourne|faversham|newport isle of wight|swanley"
    ),
    "South West": (
        "avon|bristol|city of bristol|cornwall|kernow|devon|devonshire|dorset|gloucestershire|glos|gloucs"
        "|somerset|wiltshire|wilts|north somerset|south gloucestershire|s gloucestershire"
        "|bath and north east somerset|bath and ne somerset|b and nes|banes|bath|bournemouth|poole"
        "|bournemouth christchurch and poole|christchurch|plymouth|torbay|torquay|paignton|exeter|swindon"
        "|gloucester|cheltenham|salisbury|taunton|yeovil|bridgwater|weston super mare|truro|falmouth|penzance"
        "|newquay|st austell|barnstaple|bideford|tiverton|newton abbot|dorchester|weymouth|chippenham|trowbridge"
        "|devizes|stroud|cirencester|tewkesbury|isles of scilly|frome|wells|glastonbury|portishead|clevedon"
        "|wimborne|melksham|north devon|south hams"
    ),
    "Wales": (
        "clwyd|conwy|denbighshire|flintshire|wrexham|anglesey|isle of anglesey|ynys mon|gwynedd|powys|ceredigion"
        "|cardiganshire|pembrokeshire|carmarthenshire|carms|dyfed|swansea|neath port talbot|bridgend"
        "|vale of glamorgan|cardiff|caerdydd|rhondda cynon taf|rhondda cynon taff|r c t|rct|merthyr tydfil"
        "|caerphilly|blaenau gwent|torfaen|monmouthshire|gwent|newport|newport gwent|glamorgan|mid glamorgan"
        "|south glamorgan|west glamorgan|s glamorgan|m glamorgan|w glamorgan|brecknockshire|breconshire"
        "|radnorshire|montgomeryshire|merionethshire|caernarfonshire|aberystwyth|llandudno|bangor gwynedd"
        "|llanelli|barry|pontypridd|cwmbran|rhyl|colwyn bay|haverfordwest|neath|port talbot|ebbw vale|deeside"
        "|mold"
    ),
    "Scotland": (
        "aberdeen|aberdeen city|aberdeenshire|angus|argyll|argyllshire|argyll and bute|ayrshire|east ayrshire"
        "|north ayrshire|south ayrshire|banffshire|berwickshire|caithness|clackmannanshire|dumfries"
        "|dumfries and galloway|dumfriesshire|dunbartonshire|east dunbartonshire|west dunbartonshire|dundee"
        "|dundee city|east lothian|edinburgh|city of edinburgh|falkirk|fife|glasgow|glasgow city|city of glasgow"
        "|highland|highlands|inverclyde|inverness|inverness shire|kincardineshire|kinross|kinross shire"
        "|kirkcudbrightshire|lanarkshire|north lanarkshire|south lanarkshire|lothian|midlothian|west lothian"
        "|moray|morayshire|nairnshire|orkney|orkney islands|peeblesshire|perth|perthshire|perth and kinross"
        "|renfrewshire|east renfrewshire|ross shire|ross and cromarty|roxburghshire|selkirkshire|shetland"
        "|shetland islands|stirling|stirlingshire|strathclyde|sutherland|tayside|grampian|central scotland"
        "|western isles|na h eileanan siar|outer hebrides|isle of skye|wigtownshire|paisley|livingston"
        "|dunfermline|kirkcaldy|ayr|kilmarnock|greenock|hamilton|motherwell|east kilbride|cumbernauld|airdrie"
        "|galashiels|lanark"
    ),
    "Northern Ireland": (
        "antrim|county antrim|co antrim|armagh|county armagh|co armagh|county down|co down|down|fermanagh"
        "|county fermanagh|co fermanagh|londonderry|derry|county londonderry|co londonderry|county derry|co derry"
        "|tyrone|county tyrone|co tyrone|belfast|lisburn|newry|bangor county down|craigavon|ballymena"
        "|newtownabbey|coleraine|omagh|enniskillen|larne|portadown|lurgan|dungannon|cookstown|magherafelt"
        "|limavady|strabane|banbridge|downpatrick|carrickfergus|newtownards|mid ulster"
    ),
    "Crown Dependencies": (
        "jersey|guernsey|isle of man|iom|i o m|channel islands|alderney|sark|st helier|saint helier|st peter port"
        "|saint peter port|douglas isle of man|je|gg|im|ci|bailiwick of jersey|bailiwick of guernsey"
    ),
}

#: Names that are also wider, older or other places'; the region given holds most. The postal counties around London still
#: stand in the addresses of the boroughs that left them in 1965.
_CUT = (
    "essex|kent|surrey|hertfordshire|herts|middlesex|middx|lincolnshire|lincs|cleveland|teesside|tees valley"
    "|avon|humberside|yorkshire|yorks|north yorkshire|oxfordshire|oxon|peterborough|sussex|buckinghamshire"
    "|bucks|derbyshire|derbys|east|north wales|newcastle|newport|down|wells|sutton|washington|boston|hamilton"
    "|perth|christchurch|hayes|newmarket|ashford|gillingham|dorchester|leigh|middleton|sale|nelson|eccles"
    "|cumberland|halifax|york|cambridge|bedford|acton|barry|fleet|battle|rochester"
)
CUT = set(_CUT.split("|"))

#: The state, or so large a part of it that no region follows.
_UK_ALONE = (
    "uk|u k|gb eng|gb ukm|united kingdom|gb|g b|gbr|great britain|britain|england|eng|en|the united kingdom|england uk"
    "|england and wales|north|south|west|midlands|the midlands|the north|the south|northern|southern"
    "|northern england|southern england|home counties|english|british"
)
UK_ALONE = set(_UK_ALONE.split("|"))
