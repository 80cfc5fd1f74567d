"""Sections and divisions of the Standard Industrial Classification, and what the codes before 2008 became.

Sources: Office for National Statistics, "UK Standard Industrial Classification of Economic Activities 2007 (SIC 2007)",
structure and titles, titles of divisions shortened; Companies House, condensed SIC list, for the codes that name no
activity. Where each old division or group of SIC 2003 went follows from what both say they cover; the official correlation
tables were not at hand.
"""

from __future__ import annotations

#: Section -> title, without "activities" at its end, as the ledger writes sectors.
SECTIONS = {
    "A": "Agriculture, forestry and fishing",
    "B": "Mining and quarrying",
    "C": "Manufacturing",
    "D": "Electricity, gas, steam and air conditioning supply",
    "E": "Water supply, sewerage and waste management",
    "F": "Construction",
    "G": "Wholesale and retail trade",
    "H": "Transportation and storage",
    "I": "Accommodation and food service",
    "J": "Information and communication",
    "K": "Financial and insurance",
    "L": "Real estate",
    "M": "Professional, scientific and technical",
    "N": "Administrative and support service",
    "O": "Public administration and defence",
    "P": "Education",
    "Q": "Health and social work",
    "R": "Arts, entertainment and recreation",
    "S": "Other service activities",
    "T": "Households as employers",
    "U": "Extraterritorial organisations",
}

#: Section -> division and short title.
_DIVISIONS = {
    "A": "01 Crops and animals|02 Forestry|03 Fishing",
    "B": "05 Coal mining|06 Oil and gas extraction|07 Metal ores|08 Other mining and quarrying|09 Mining support",
    "C": (
        "10 Food products|11 Beverages|12 Tobacco|13 Textiles|14 Wearing apparel|15 Leather|16 Wood products|17 Paper"
        "|18 Printing|19 Coke and refined petroleum|20 Chemicals|21 Pharmaceuticals|22 Rubber and plastic"
        "|23 Other mineral products|24 Basic metals|25 Fabricated metal products|26 Computers and electronics"
        "|27 Electrical equipment|28 Machinery|29 Motor vehicles|30 Other transport equipment|31 Furniture"
        "|32 Other manufacturing|33 Repair and installation of machinery"
    ),
    "D": "35 Electricity, gas and steam",
    "E": "36 Water supply|37 Sewerage|38 Waste and recycling|39 Remediation",
    "F": "41 Buildings|42 Civil engineering|43 Specialised construction",
    "G": "45 Motor trade|46 Wholesale|47 Retail",
    "H": "49 Land transport|50 Water transport|51 Air transport|52 Warehousing|53 Post and couriers",
    "I": "55 Accommodation|56 Food and beverage service",
    "J": (
        "58 Publishing|59 Film, video and music|60 Broadcasting|61 Telecommunications|62 Computer programming"
        "|63 Information services"
    ),
    "K": "64 Financial services|65 Insurance and pensions|66 Services to finance",
    "L": "68 Real estate",
    "M": (
        "69 Legal and accounting|70 Head offices and consultancy|71 Architecture and engineering|72 Research"
        "|73 Advertising and market research|74 Other professional|75 Veterinary"
    ),
    "N": (
        "77 Rental and leasing|78 Employment agencies|79 Travel agencies|80 Security"
        "|81 Buildings and landscape services|82 Office and business support"
    ),
    "O": "84 Public administration and defence",
    "P": "85 Education",
    "Q": "86 Human health|87 Residential care|88 Social work",
    "R": "90 Creative arts|91 Libraries and museums|92 Gambling|93 Sports and recreation",
    "S": "94 Membership organisations|95 Repair of household goods|96 Other personal services",
    "T": "97 Households employing staff|98 Households' own production",
    "U": "99 Extraterritorial organisations",
}

#: Division -> section and short title.
DIVISIONS = {
    item[:2]: (section, item[3:]) for section, listed in _DIVISIONS.items() for item in listed.split("|")
}

#: SIC 2007 codes of divisions 01 to 09 without their leading zero: what a table of numbers makes of them.
_ZERO_LOST = (
    "1110 1120 1130 1140 1150 1160 1190 1210 1220 1230 1240 1250 1260 1270 1280 1290 1300 1410 1420 1430 1440 1450 1460 "
    "1470 1490 1500 1610 1621 1629 1630 1640 1700 2100 2200 2300 2400 3110 3120 3210 3220 5101 5102 5200 6100 6200 7100 "
    "7210 7290 8110 8120 8910 8920 8930 8990 9100 9900"
)
ZERO_LOST = set(_ZERO_LOST.split())

_OLD = {
    "A": "01 02 05",
    "B": "10 11 12 13 14",
    "C": "15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36",
    "D": "40",
    "E": "37 41 90",
    "F": "45",
    "G": "50 51 52",
    "H": "60 61 62 63 641",
    "I": "55",
    "J": "221 64 72 921 922 924",
    "K": "65 66 67 7415",
    "L": "70",
    "M": "73 74 7481 852",
    "N": "633 71 745 746 747 7482 7485 7486 7487 748",
    "O": "75",
    "P": "80",
    "Q": "85",
    "R": "92",
    "S": "527 725 91 93",
    "T": "95 96 97",
    "U": "99",
}

#: Leading digits of a SIC 2003 code -> section of SIC 2007; the longest that fits decides.
OLD_SECTIONS = {prefix: section for section, prefixes in _OLD.items() for prefix in prefixes.split()}

#: Division of SIC 2003 -> third digits of its groups; four digits in no such group are a class of SIC 2007.
_OLD_GROUPS = (
    "01:12345 02:0 05:0 10:123 11:12 12:0 13:12 14:12345 15:123456789 16:0 17:1234567 18:123 19:123 20:12345 21:12 "
    "22:123 23:123 24:1234567 25:12 26:12345678 27:12345 28:1234567 29:1234567 30:0 31:123456 32:123 33:12345 34:123 "
    "35:12345 36:123456 37:12 40:123 41:0 45:12345 50:12345 51:123456789 52:1234567 55:12345 60:123 61:12 62:123 "
    "63:1234 64:12 65:12 66:0 67:12 70:123 71:1234 72:123456 73:12 74:12345678 75:123 80:1234 85:123 90:0 91:123 "
    "92:1234567 93:0 95:0 96:0 97:0 99:0"
)
OLD_GROUPS = {item[:2] + digit for item in _OLD_GROUPS.split() for digit in item[3:]}

#: Code -> what it says instead of an activity.
SPECIAL = {
    "99999": "dormant", "9999": "dormant", "98000": "residents' property management",
    "9800": "residents' property management", "74990": "non-trading", "7499": "non-trading",
}  # fmt: skip

#: Codes for whatever fits nowhere else: they name a section, but say next to nothing of the business.
UNINFORMATIVE = {"82990", "96090", "70229", "74909"}
