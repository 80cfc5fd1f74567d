"""Measure how well regions, sectors, postcodes and company numbers are read, on real tables, and print it.

    uv run python benchmarks/enrichment_facts.py FOLDER

FOLDER holds ``regions``, ``sic``, ``uk_suppliers``, ``uk_employers`` and ``companies_house_bulk`` as tests/conftest.py
expects them. ``--errors`` prints what was not read, or read otherwise, too.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from payseg_widgets.enrichment.company_number import clean_company_number
from payseg_widgets.enrichment.facts.areas import AREA_REGION, DISTRICT_REGION
from payseg_widgets.enrichment.facts.places import PLACES
from payseg_widgets.enrichment.facts.sic_codes import DIVISIONS, SECTIONS
from payseg_widgets.enrichment.postcode import find_postcode, find_postcodes
from payseg_widgets.enrichment.postcode_directory import PostcodeDirectory
from payseg_widgets.enrichment.region_names import read_region
from payseg_widgets.enrichment.regions import REGIONS, UNKNOWN, region_of
from payseg_widgets.enrichment.sic import sectors_of

Rows = list[tuple[str, str]]
SPECIAL = ("dormant", "non-trading", "residents' property management")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--errors", action="store_true", help="print what was not read, or read otherwise")
    options = parser.parse_args()
    for study in (regions, sic, region_texts, addresses, slips, typos, numbers, speed):
        for what, value in study(Tables(options.folder), options.errors):
            print(f"{what:78} {value}")


class Tables:
    """The files, read as text."""

    def __init__(self, folder: Path) -> None:
        self.districts = self._read(folder / "regions" / "outcode_itl1_recommended.csv")
        self.sic = self._read(folder / "sic" / "sic2007_codes.csv")
        self.suppliers = self._read(folder / "uk_suppliers" / "suppliers_ch_enriched.csv")
        self.employers = self._read(folder / "uk_employers" / "employers_2017_18.csv")
        self.bulk = self._read(next((folder / "companies_house_bulk").glob("*.csv")))

    @staticmethod
    def _read(file: Path) -> pd.DataFrame:
        return pd.read_csv(file, dtype="str", keep_default_na=False, na_values=[""])

    @property
    def companies(self) -> pd.DataFrame:
        """Postcode and county or region of the companies of two files."""
        one = self.suppliers[["postal_code", "region"]].set_axis(["postcode", "text"], axis=1)
        two = self.bulk[["RegAddress.PostCode", "RegAddress.County"]].set_axis(["postcode", "text"], axis=1)
        return pd.concat([one, two], ignore_index=True)


def regions(tables: Tables, errors: bool) -> Rows:
    """Regions by district, by company, and of the areas alone."""
    table = tables.districts
    read = [region_of(outcode) for outcode in table["outcode"]]
    named = pd.Series([place.region for place in read])
    agree = named.eq(table["region"])
    cut = pd.to_numeric(table["primary_share"]).between(0, 0.9999)
    flagged = pd.Series([place.straddles for place in read])
    area = table["outcode"].str.extract(r"^([A-Z]+)")[0].map(AREA_REGION)
    postcodes = pd.concat([tables.companies["postcode"], tables.employers["Address"]]).dropna()
    weight = (
        find_postcodes(postcodes)["district"].value_counts().reindex(table["outcode"]).fillna(0).to_numpy()
    )
    if errors:
        print(table.assign(read=named)[~agree | (cut != flagged)].to_string())
    return [
        ("districts whose region agrees", _share(agree)),
        ("the same by areas alone, without the exceptions", _share(area.eq(table["region"]))),
        ("the same, weighted by the companies of three files", f"{100 * np.average(agree, weights=weight):.2f} %"),
        ("districts without a class", str(int(named.eq(UNKNOWN).sum()))),
        ("districts cut by a border that are flagged", f"{int((cut & flagged).sum())} of {int(cut.sum())}"),
        ("districts flagged that are not cut", str(int((flagged & ~cut).sum()))),
    ]  # fmt: skip


def sic(tables: Tables, errors: bool) -> Rows:
    """Every code to its section, as a number and as five digits."""
    section, right, n_special = tables.sic["section"], [], 0
    for code, true in zip(tables.sic["sic_code"], section, strict=True):
        for text in (code, code.zfill(5), int(code), f"{code} - x", float(code)):
            sector = sectors_of(text)
            n_special += sector.kind in SPECIAL
            right.append(sector.section == true or sector.kind in SPECIAL)
            if errors and not right[-1]:
                print(text, true, sector)
    kinds = pd.Series([sectors_of(cell).kind for cell in tables.employers["SicCodes"].dropna()])
    bulk = [sectors_of(cell) for cell in tables.bulk["SICCode.SicText_1"].dropna()]
    if errors:
        print(kinds.value_counts().to_dict(), pd.Series([s.kind for s in bulk]).value_counts().to_dict())
        print([s.text for s in bulk if s.kind == "unknown"])
    return [
        ("SIC 2007 codes, written five ways, to their section or special by rule", _share(pd.Series(right))),
        ("  of these special by rule", str(n_special)),
        ("cells of employers' codes that are read", _share(kinds.ne("unknown"))),
        ("first codes of the bulk file that are read", _share(pd.Series([s.kind != "unknown" for s in bulk]))),
    ]  # fmt: skip


def region_texts(tables: Tables, errors: bool) -> Rows:
    """Region texts read, and how often the postcode beside them says the same."""
    rows: Rows = []
    suppliers = tables.suppliers["region"].dropna()
    spellings = [read_region(text) for text in suppliers.unique()]
    read = pd.Series([text.how != "unread" for text in spellings])
    rows.append(("spellings of suppliers' regions that are read", _share(read)))
    table = tables.companies.dropna()
    texts = [read_region(text) for text in table["text"]]
    table = table.assign(
        said=[text.region for text in texts], how=[text.how for text in texts], cut=[text.is_cut for text in texts],
        true=[region_of(code).region for code in table["postcode"]],
    )  # fmt: skip
    rows.append(("region texts of two files that are read", _share(table["how"].ne("unread"))))
    known = table[table["said"].isin(REGIONS) & table["true"].isin(REGIONS)]
    agree = known["said"].eq(known["true"])
    rows.append(("  of these, the postcode's region is the same", _share(agree)))
    for name, which in (
        ("names that are cut or borne twice", known["cut"]),
        ("all other names", ~known["cut"]),
    ):
        rows.append((f"  {name}", _share(agree[which])))
    elsewhere = (
        known["postcode"].map(lambda code: str(find_postcode(code)).split()[0] in DISTRICT_REGION)
        & ~known["cut"]
    )
    rows.append(
        ("  of these in districts that lie in another region than their area", _share(agree[elsewhere]))
    )
    if errors:
        print(table[table["how"].eq("unread")]["text"].value_counts().to_dict())
        print(known[~agree].to_string())
    return rows


def addresses(tables: Tables, errors: bool) -> Rows:
    """Employers' addresses whose postcode is found."""
    text = tables.employers["Address"].dropna()
    found = find_postcodes(text)
    if errors:
        print(*text[found["postcode"].isna()].str.replace("\n", " | "), sep="\n")
        mended = found["is_mended"] | found["precision"].isin(["district", "sector"])
        print(*(text[mended].str.replace("\n", " | ") + "   => " + found["postcode"][mended]), sep="\n")
    whole = found["precision"].eq("unit")
    last = text.str.rsplit("\n", n=1).str[-1].str.strip().str.upper()
    without = text.str.rsplit("\n", n=1).str[0][last.eq(found["postcode"])]
    invented = find_postcodes(without)["postcode"]
    if errors:
        print(*(without[invented.notna()].str.replace("\n", " | ") + "   => " + invented.dropna()), sep="\n")
    return [
        ("employers' addresses whose postcode is found", _share(found["postcode"].notna())),
        ("  whole postcodes", _share(whole)),
        ("  of these mended", str(int((whole & found["is_mended"]).sum()))),
        ("addresses robbed of their postcode in which one is found all the same", _share(invented.notna())),
        ("  district or sector only", str(int(found["precision"].isin(["district", "sector"]).sum()))),
    ]


INWARD = "ABDEFGHJLNPQRSTUWXYZ"
AZ = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SLIPS: dict[str, Callable[[str], str]] = {
    "lower case, no space": lambda code: code.lower().replace(" ", ""),
    "O for 0 and I for 1 in the inward digit": lambda code: code[:-3] + code[-3].translate({48: "O", 49: "I"}) + code[-2:],
    "O for 0, I for 1 in the district": lambda code: code[0] + code[1:-4].translate({48: "O", 49: "I"}) + code[-4:],
    "0 for O in the area": lambda code: code[:2].replace("O", "0") + code[2:],
    "space one too early": lambda code: code[:-5] + " " + code[-5] + code[-3:],
    "space one too late": lambda code: code[:-4] + code[-3] + " " + code[-2:],
    "spaces on both sides of the district": lambda code: code[:2].rstrip("0123456789") + " " + code[:2].lstrip(AZ) + code[2:],
    "non-breaking space, full stop": lambda code: code.replace(" ", "\u00a0") + ".",
}  # fmt: skip


def slips(tables: Tables, errors: bool) -> Rows:
    """Spoil real postcodes and look whether they are mended."""
    rows: Rows = []
    codes = find_postcodes(tables.employers["Address"].dropna())
    codes = codes["postcode"][codes["precision"].eq("unit") & codes["kind"].eq("geographic")].unique()
    for name, spoil in SLIPS.items():
        spoiled = {code: spoil(code) for code in codes if spoil(code) != code}
        read = {code: str(find_postcode(f"1 High Street, Anytown, {text}")) for code, text in spoiled.items()}
        right = pd.Series([code == got for code, got in read.items()])
        wrong = sum(got not in (code, "None") for code, got in read.items())
        rows.append((f"mended: {name}", f"{_share(right)}, wrong {wrong}"))
        if errors:
            print(name, [(spoiled[code], got) for code, got in read.items() if code != got][:12])
    return rows


def typos(tables: Tables, errors: bool) -> Rows:
    """Every name of a place or a sector with one slip of the pen."""
    rows: Rows = []
    rng = np.random.default_rng(0)
    place = {name: read_region(name).region for names in PLACES.values() for name in names.split("|")}
    sector = {title: code for code, title in SECTIONS.items()} | {
        title: code for code, title in DIVISIONS.values()
    }
    kinds: dict[str, tuple[dict[str, str], Callable[[str], str], str]] = {
        "place": (place, lambda text: read_region(text).region, UNKNOWN),
        "sector": (sector, lambda text: sectors_of(text).section, ""),
    }
    for what, (names, read, nothing) in kinds.items():
        pairs = [(name, slip) for name in names if len(name) >= 6 for slip in _slipped(name, rng)]
        got = pd.Series([read(slip) for _, slip in pairs])
        true = pd.Series([names[name] for name, _ in pairs])
        wrong = got.ne(true) & got.ne(nothing)
        rows.append((f"names of a {what} with one slip that are read right", _share(got.eq(true))))
        rows.append(("  of those read, read wrong", _share(wrong[got.ne(nothing)])))
        if errors:
            print([(*pair, said) for pair, said, bad in zip(pairs, got, wrong, strict=True) if bad][:60])
    return rows


def _slipped(name: str, rng: np.random.Generator) -> set[str]:
    """Drop, double, swap and replace a letter of a name, at four places each."""
    slips = set()
    for at in rng.integers(0, len(name) - 1, 4):
        letter = AZ[rng.integers(26)].lower()
        slips |= {name[:at] + name[at + 1 :], name[:at] + name[at] + name[at:]}
        slips |= {name[:at] + name[at + 1] + name[at] + name[at + 2 :], name[:at] + letter + name[at + 1 :]}
    return slips - {name}


def numbers(tables: Tables, errors: bool) -> Rows:
    """Company numbers that come out as the register has them, also without zeros and as decimals."""
    rows: Rows = []
    given = {
        "employers": tables.employers["CompanyNumber"], "suppliers": tables.suppliers["company_number"],
        "bulk file": tables.bulk["CompanyNumber"],
    }  # fmt: skip
    for name, column in given.items():
        written = column.dropna()
        clean = written.map(clean_company_number)
        rows.append((f"company numbers of {name} left as they are", _share(clean.eq(written))))
        digits = written[written.str.fullmatch(r"\d{8}")]
        for how, texts in (("without zeros", digits.str.lstrip("0")), ("as decimals", digits.astype(float))):
            rows.append((f"  {how}", _share(texts.map(clean_company_number).eq(digits))))
        if errors:
            print(written[clean.ne(written)].tolist())
    return rows


def speed(tables: Tables, errors: bool) -> Rows:
    """Postcodes of 10,000 addresses, and a postcode directory as long as the real one."""
    text = tables.employers["Address"].dropna().head(10_000)
    started = time.process_time()
    find_postcodes(text)
    found = time.process_time() - started
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ONSPD_TEST_UK.csv"
        n = 2_700_000
        codes = [
            f"{a}{d} {s}{x}{y}"
            for a in AREA_REGION
            for d in range(1, 8)
            for s in range(10)
            for x in INWARD
            for y in INWARD
        ]
        codes = (codes + [code.replace(" ", "9 ", 1) for code in codes])[:n]
        filler = ",".join(["E00000000"] * 30)
        lines = (f"{code},E92000001,E1200000{i % 9 + 1},{filler}\n" for i, code in enumerate(codes))
        with file.open("w") as out:
            out.write("pcds,ctry25cd,rgn25cd," + ",".join(f"c{i}" for i in range(30)) + "\n")
            out.writelines(lines)
        started = time.perf_counter()
        directory = PostcodeDirectory.read(file)
        seconds = time.perf_counter() - started
        megabytes = (directory.postcodes.nbytes + directory.codes.nbytes) / 1e6
    return [
        ("CPU-seconds for the postcodes of 10,000 addresses", f"{found:.2f}"),
        (
            f"seconds to read a made-up directory of {len(directory):,} postcodes, MB kept",
            f"{seconds:.1f}, {megabytes:.0f}",
        ),
    ]


def _share(right: pd.Series) -> str:
    return f"{100 * right.mean():.2f} % ({int(right.sum()):,} of {len(right):,})"


if __name__ == "__main__":
    main()
