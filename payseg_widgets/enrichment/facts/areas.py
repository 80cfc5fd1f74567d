"""Which region each postcode area lies in, which districts lie elsewhere, and which districts straddle a border.

Sources: the 124 postcode areas and their districts are Royal Mail's; regions are the twelve ITL1 regions (formerly NUTS 1)
of the Office for National Statistics; a straddling district's share is that of its small areas (LSOA, in Scotland data
zones) which lie in the region, from ONS and National Records of Scotland boundaries (Open Government Licence), rounded.
Which regions lie beyond the border is general geography, not looked up. Small corners with no small area of their own are
not listed.
"""

from __future__ import annotations

#: Region -> its ITL1 code and the code that the ONS Postcode Directory gives it.
REGION_CODES = {
    "North East": ("TLC", "E12000001"),
    "North West": ("TLD", "E12000002"),
    "Yorkshire and The Humber": ("TLE", "E12000003"),
    "East Midlands": ("TLF", "E12000004"),
    "West Midlands": ("TLG", "E12000005"),
    "East of England": ("TLH", "E12000006"),
    "London": ("TLI", "E12000007"),
    "South East": ("TLJ", "E12000008"),
    "South West": ("TLK", "E12000009"),
    "Wales": ("TLL", "W92000004"),
    "Scotland": ("TLM", "S92000003"),
    "Northern Ireland": ("TLN", "N92000002"),
}

#: Class -> the postcode areas that lie in it, wholly or for the most part.
AREAS = {
    "North East": "DH DL NE SR TS",
    "North West": "BB BL CA CH CW FY L LA M OL PR SK WA WN",
    "Yorkshire and The Humber": "BD DN HD HG HU HX LS S WF YO",
    "East Midlands": "DE LE LN NG NN",
    "West Midlands": "B CV DY HR ST SY TF WR WS WV",
    "East of England": "AL CB CM CO EN IP LU NR PE SG SS WD",
    "London": "BR CR DA E EC HA IG N NW RM SE SM SW TW UB W WC",
    "South East": "BN CT GU HP KT ME MK OX PO RG RH SL SO TN",
    "South West": "BA BH BS DT EX GL PL SN SP TA TQ TR",
    "Wales": "CF LD LL NP SA",
    "Scotland": "AB DD DG EH FK G HS IV KA KW KY ML PA PH TD ZE",
    "Northern Ireland": "BT",
    "Crown Dependencies": "GY IM JE",
}

#: Class -> districts that lie in it, wholly or for the most part, though their area does not.
DISTRICTS = {
    "North East": "TD12 TD15",
    "North West": "SY14",
    "Yorkshire and The Humber": "DL6 DL7 DL8 DL9 DL10 DL11 OL14 TS9",
    "East Midlands": (
        "CV13 DN10 DN21 DN22 OX17 PE6 PE8 PE9 PE10 PE11 PE12 PE20 PE21 PE22 PE23 PE24 PE25 "
        "S18 S21 S32 S33 S40 S41 S42 S43 S44 S45 S80 S81 SK13 SK17 SK22 SK23"
    ),
    "West Midlands": "CW3 DE13 DE14 DE15",
    "East of England": (
        "HP1 HP2 HP3 HP4 HP23 IG7 IG9 IG10 MK40 MK41 MK42 MK43 MK44 MK45 RM4 RM15 RM16 RM17 RM18 RM19 RM20"
    ),
    "London": "EN1 EN2 EN3 EN4 EN5 KT1 KT2 KT3 KT4 KT5 KT6 KT9 TN16",
    "South East": (
        "BH24 BH25 BR8 CR3 CR6 DA1 DA2 DA3 DA4 DA9 DA10 DA11 DA12 DA13 SM7 SN7 SP6 SP10 SP11 "
        "TW15 TW16 TW17 TW18 TW19 TW20"
    ),
    "Wales": "CH5 CH6 CH7 CH8 SY15 SY16 SY17 SY18 SY19 SY20 SY21 SY22 SY23 SY24 SY25",
}

#: Straddling district -> percent that lies in its region, and the regions of the rest, the larger part first.
STRADDLING: dict[str, tuple[int, tuple[str, ...]]] = {
    "BH23": (88, ("South East",)),
    "BH24": (73, ("South West",)),
    "BR6": (96, ("South East",)),
    "CA8": (86, ("North East",)),
    "CH4": (55, ("Wales",)),
    "CR3": (93, ("London",)),
    "CR5": (83, ("South East",)),
    "CR6": (86, ("London",)),
    "CR8": (95, ("South East",)),
    "CV9": (92, ("East Midlands",)),
    "CV23": (85, ("East Midlands",)),
    "CW3": (80, ("North West",)),
    "CW12": (95, ("West Midlands",)),
    "DA1": (77, ("London",)),
    "DA5": (92, ("South East",)),
    "DA14": (93, ("South East",)),
    "DE6": (85, ("West Midlands",)),
    "DE15": (87, ("East Midlands",)),
    "DG12": (98, ("North West",)),
    "DG14": (98, ("North West",)),
    "DG16": (78, ("North West",)),
    "DL2": (89, ("Yorkshire and The Humber",)),
    "DN10": (71, ("Yorkshire and The Humber",)),
    "DN11": (78, ("East Midlands",)),
    "DN21": (91, ("Yorkshire and The Humber",)),
    "DN36": (58, ("East Midlands",)),
    "DN41": (75, ("East Midlands",)),
    "EN5": (96, ("East of England",)),
    "EN8": (95, ("London",)),
    "GL7": (96, ("South East",)),
    "GL17": (88, ("West Midlands",)),
    "GL19": (83, ("West Midlands",)),
    "GL20": (78, ("West Midlands",)),
    "HA6": (79, ("East of England",)),
    "HP23": (91, ("South East",)),
    "HR3": (75, ("Wales",)),
    "IG7": (57, ("London",)),
    "IG9": (78, ("London",)),
    "KT4": (80, ("South East",)),
    "KT6": (80, ("South East",)),
    "KT8": (92, ("London",)),
    "LA2": (79, ("Yorkshire and The Humber",)),
    "LA6": (88, ("Yorkshire and The Humber",)),
    "LD8": (75, ("West Midlands",)),
    "LE10": (97, ("West Midlands",)),
    "LU6": (91, ("South East",)),
    "LU7": (76, ("South East",)),
    "MK17": (67, ("East of England",)),
    "MK19": (57, ("East Midlands",)),
    "NN13": (92, ("South East",)),
    "NN29": (88, ("East of England",)),
    "NP16": (73, ("South West",)),
    "OX17": (50, ("South East", "West Midlands")),
    "PE6": (54, ("East of England",)),
    "PE8": (70, ("East of England",)),
    "PE9": (90, ("East of England",)),
    "PE13": (95, ("East Midlands",)),
    "RM4": (75, ("London",)),
    "RM14": (95, ("East of England",)),
    "S11": (96, ("East Midlands",)),
    "S12": (96, ("East Midlands",)),
    "S80": (95, ("Yorkshire and The Humber",)),
    "S81": (92, ("Yorkshire and The Humber",)),
    "SK17": (95, ("West Midlands",)),
    "SM2": (89, ("South East",)),
    "SM3": (93, ("South East",)),
    "SM7": (92, ("London",)),
    "SN6": (73, ("South East",)),
    "SP5": (93, ("South East",)),
    "SP6": (78, ("South West",)),
    "SP9": (80, ("South East",)),
    "SP11": (79, ("South West",)),
    "ST7": (65, ("North West",)),
    "SY5": (92, ("Wales",)),
    "SY10": (85, ("Wales",)),
    "SY13": (75, ("North West", "Wales")),
    "SY15": (75, ("West Midlands",)),
    "TD5": (98, ("North East",)),
    "TD8": (98, ("North East",)),
    "TD9": (96, ("North West",)),
    "TD12": (64, ("Scotland",)),
    "TN14": (85, ("London",)),
    "TN16": (62, ("South East",)),
    "TS13": (83, ("Yorkshire and The Humber",)),
    "TS15": (88, ("Yorkshire and The Humber",)),
    "UB8": (95, ("South East",)),
    "UB9": (54, ("South East", "East of England")),
    "WR12": (60, ("South West",)),
}

AREA_REGION = {area: region for region, areas in AREAS.items() for area in areas.split()}
DISTRICT_REGION = {
    district: region for region, districts in DISTRICTS.items() for district in districts.split()
}
