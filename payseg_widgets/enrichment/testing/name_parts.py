"""What invented company names are put together from."""

# ruff: noqa: SIM905  a list of words is read as a text, not as a thousand quoted words

from __future__ import annotations

from itertools import product

#: Halves of English surnames and places: "Ash" + "worth".
_FRONTS = (
    "Ash Ax Bark Barn Beck Bent Birch Black Bles Bol Brad Bram Bran Brent Brock Brom Burn Cal Carl Cart Chad "
    "Charl Chil "
    "Clay Cleve Clif Cold Col Cor Cotter Cran Craw Crom Dal Dar Deb Den Dray Dun Ed El Elms Ever Fair Farn Fen "
    "Fern Fin "
    "Flax Ford Fox Gar Gates Gil Glad Glen God Gran Gren Had Hal Ham Hand Har Hart Has Hat Haw Hay Hazel Hem "
    "Hen Hep Hol "
    "Hors Hou Hunt Ing Kel Ken Kes Kim King Kirk Lam Lang Law Lin Lit Long Lud Lyn Mans Mar Mel Mid Mil Mor Nor "
    "Oak Old "
    "Ox Pem Pen Pick Pres Rad Rams Red Rei Rock Roth Rush Sand Sel Shef Shel Ship Skel Somer Stan Stap Staple "
    "Stock Stan "
    "Sut Swin Tad Tarl Thorn Thur Tile Tun Up Wake Wal War Wat Wes Wet Whit Wick Wil Win Wood Wor Wy Yar York"
).split()
_BACKS = (
    "bourne bridge brook burn bury by cliffe combe cott croft dale den don field ford gate ham head hill holme "
    "house hurst "
    "land ley low man mere more port ridge shaw side stead stock stone thorpe ton tree wall ward water way well "
    "wick wood worth"
).split()
SURNAMES = tuple(
    dict.fromkeys(front + back for front, back in product(_FRONTS, _BACKS) if front[-1] != back[0])
)
#: Surnames that many people have; they open a fifth of all personal names.
COMMON_SURNAMES = tuple(
    "Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson Wright Thompson Evans Walker White "
    "Roberts Green "
    "Hall Wood Harris Martin Jackson Clarke Clark Turner Hill Cooper Morris Moore Ward Watson Baker Harrison "
    "Morgan Khan "
    "Young Allen Mitchell James Anderson Phillips Lee Bell Parker Davis Bennett Miller Cook Shaw Hughes Singh "
    "Ahmed Ali "
    "Campbell Stewart Murphy Kelly Edwards Griffiths Richardson Simpson Marshall Gray Murray Fox Mason Hussain "
    "Begum".split()
)
FORENAMES = tuple(
    "John David Michael Peter Paul Andrew Mark James Robert Stephen Ian Kevin Alan Brian Colin Keith Graham "
    "Martin Simon "
    "Richard Neil Gary Philip Tony Adam Daniel Thomas Luke Jack Harry George Oliver Mohammed Ravi Sanjay Piotr "
    "Marek Anna "
    "Susan Karen Julie Helen Sarah Emma Laura Lucy Claire Nicola Rachel Rebecca Jane Mary Ruth Alice Grace Zoe".split()
)
_SYLLABLES = (
    "al an ar ax bel ber bio bri cal can cas cel cor cy da del den di dor dy ec el em en er ev ex fal fi for ga "
    "gen gil "
    "glo go han hel hy il in ix jen jo ka kel ki lan lex li lo lu ma mar max mel mer mi mo na neo net ni nor nu "
    "ol om on "
    "op or os pa pel per pi pol pri pro pul qua ra ren ri ro ru sa san sel sen si sol son sta sy ta tel ter ti "
    "tor tra tri "
    "ul un ur va val ve ven ver vi vo wen xi ya yo za zen zo"
).split()
_ENDINGS = (
    "a an ar co dex era ex fix ia ica ify io is ix land line ly mark mex na nix on ora os ova rex ria sys tec tek tex tis "
    "tra us va ware"
).split()
SYLLABLES, ENDINGS = tuple(_SYLLABLES), tuple(_ENDINGS)

TRADES = tuple(
    "Accountancy;Accountants;Aerospace;Air Conditioning;Alarms;Antiques;Architects;Architecture;Autos;Aviation;"
    "Bathrooms;Beauty;"
    "Biotech;Blinds;Boats;Books;Brickwork;Builders;Building Contractors;Cabs;Cameras;Capital;Car Sales;Care;Carpentry;"
    "Carpets;Ceramics;Childcare;Cladding;Clothing;Coaches;Coatings;Coffee;Communications;Computers;"
    "Conservatories;Construction;"
    "Consultancy;Consultants;Contracting;Contractors;Cosmetics;Dairy;Decorators;Deliveries;Demolition;Dental;"
    "Design;Developments;"
    "Digital;Drainage;Driveways;Education;Electronics;Energy;Engineering Services;Entertainment;Environmental;"
    "Estates;Estate Agents;"
    "Events;Exports;Farms;Fashion;Fencing;Films;Finance;Financial Planning;Financial Services;Fire Protection;"
    "Fish;Fitness;Flowers;"
    "Games;Garage;Garden Centre;Gas Services;Gifts;Graphics;Hair;Hardware;Heating;Holiday Lets;Homes;"
    "Hospitality;Imports;Installations;"
    "Insulation;Insurance Brokers;Investments;Irrigation;IT Consulting;IT Services;Jewellery;Kitchens;Labels;"
    "Lettings;Lifts;Lighting;"
    "Locksmiths;Machinery;Maintenance;Management;Management Services;Marine;Marketing;Masonry;Meats;Medical;"
    "Mortgages;Music;Nurseries;"
    "Nutrition;Optical;Paving;Payroll;Pets;Pharmacy;Photography;Physiotherapy;Pizza;Plant;Plastering;Play;"
    "Plumbing;Plumbing & Heating;"
    "Power;Productions;Project Management;Projects;Property;Property Development;Property Investments;Property "
    "Management;"
    "Property Services;Pumps;Rail;Removals;Renewables;Rentals;Research;Restaurant;Retail;Sales;Salon;"
    "Sanitaryware;Seeds;Services;"
    "Shipping;Signs;Skip Hire;Skips;Social Care;Spares;Sports;Staffing;Storage;Structures;Studios;Supplies;"
    "Support Services;"
    "Surfacing;Surveyors;Tax Services;Taxis;Tech;Technical Services;Technologies;Telecoms;Theatre;Tiles;Timber;"
    "Toys;Trading;Travel;"
    "Tree Care;Tuition;Tyres;Utilities;Vehicles;Ventures;Video;Vintage;Web Design;Welding;Wholesale;Wood "
    "Products;Yachts".split(";")
)
PLACES = tuple(
    "London Birmingham Manchester Leeds Bristol Sheffield Liverpool Nottingham Leicester Cardiff Swansea "
    "Newport Edinburgh Glasgow "
    "Aberdeen Dundee Belfast Derby Norwich Exeter Plymouth Kent Essex Sussex Surrey Yorkshire Cumbria Cornwall "
    "Devon Dorset Northern "
    "Southern Eastern Western Midlands Cheshire Oxford Cambridge Reading Bath York Durham Preston Bolton Luton "
    "Poole Truro Hull".split()
)
STREET_KINDS = ("Road", "Street", "Court", "Gardens", "House", "Lane", "Avenue", "Place", "Close")
TOWN_KINDS = (
    "High Street",
    "Station Road",
    "Church Lane",
    "Mill Lane",
    "Market Place",
    "Victoria Road",
    "Park Road",
)
#: What tells the companies of one family apart.
BRANCHES = (
    " Holdings", " (Holdings)", " Group", " Properties", " 2010", " (UK)", " UK", " Investments", " Services", " No. 2",
    " International", " Trading", " (South)", " (North)", " Developments", " Finance", " Management", " 2016",
    " Europe",
)  # fmt: skip
#: Share of register, area, districts; London first since a third of all offices are there.
AREAS = (
    ("EC", 7.0, (1, 2, 3, 4)), ("WC", 7.0, (1, 2)), ("W", 6.0, 14), ("SW", 4.0, 20), ("SE", 3.5, 28), ("E", 3.5,
    20), ("N", 4.0, 22),
    ("NW", 3.0, 11), ("M", 3.6, 50), ("B", 4.0, 98), ("LS", 2.2, 29), ("BS", 1.9, 49), ("G", 2.1, 84), ("EH",
    1.6, 55), ("CF", 1.7, 83),
    ("BT", 2.0, 94), ("NG", 2.0, 34), ("LE", 2.0, 67), ("L", 1.6, 40), ("S", 1.7, 81), ("NE", 1.5, 71), ("BN",
    2.0, 45), ("GU", 2.0, 52),
    ("RG", 2.0, 45), ("CM", 1.6, 77), ("SS", 1.2, 17), ("HA", 1.8, 9), ("IG", 1.4, 11), ("CR", 1.5, 9), ("KT",
    1.5, 24), ("AL", 1.1, 10),
    ("PE", 1.5, 38), ("NR", 1.1, 35), ("IP", 1.0, 33), ("EX", 1.0, 39), ("PL", 0.8, 35), ("CH", 1.1, 66), ("WA",
    1.2, 16), ("PR", 0.9, 26),
    ("BB", 0.8, 18), ("HD", 0.5, 9), ("YO", 0.9, 62), ("HU", 0.7, 20), ("DN", 1.0, 41), ("DE", 1.2, 75), ("CV",
    1.4, 47), ("SA", 0.8, 73),
    ("AB", 0.9, 56), ("CB", 1.0, 25), ("OX", 1.1, 49), ("MK", 1.3, 46), ("BH", 1.0, 31), ("SO", 1.1, 53), ("PO",
    1.1, 41), ("TN", 1.1, 40),
)  # fmt: skip
SIC_CODES = (
    "62020", "70229", "82990", "68209", "41100", "96090", "41202", "47910", "43999", "86900", "56101", "98000",
    "68100", "62012", "43210",
    "49410", "71129", "78109", "45200", "43220", "25620", "46900", "10710", "47190", "55100", "69201", "74100",
    "81210", "85590", "93130",
)  # fmt: skip
