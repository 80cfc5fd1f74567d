import csv
import zipfile
from datetime import date

import pyarrow.parquet as pq
import pytest

from payseg_widgets.enrichment.bulk import bulk_to_parquet, month_of
from payseg_widgets.errors import EnrichmentError

#: The product's own order of columns, with the spaces it has before some.
HEADER = [
    "CompanyName", " CompanyNumber", "RegAddress.CareOf", "RegAddress.POBox", "RegAddress.AddressLine1",
    " RegAddress.AddressLine2", "RegAddress.PostTown", "RegAddress.County", "RegAddress.Country", "RegAddress.PostCode",
    "CompanyCategory", "CompanyStatus", "CountryOfOrigin", "DissolutionDate", "IncorporationDate",
    "SICCode.SicText_1", "SICCode.SicText_2", "SICCode.SicText_3", "SICCode.SicText_4",
    " PreviousName_1.CONDATE", " PreviousName_1.CompanyName", "PreviousName_2.CONDATE", "PreviousName_2.CompanyName",
]  # fmt: skip
OAK = [
    'OAK "TREE", LIMITED', "00012345", "", "", "1 High Street", "", "LEEDS", "", "ENGLAND", "LS1 1AA",
    "Private Limited Company", "Active", "United Kingdom", "", "29/02/2000", "62020 - Information technology consultancy",
    "63120 - Web portals", "", "", "01/03/2010", "ACORN LIMITED", "", "",
]  # fmt: skip
ELM = [
    "ELM LLP", "oc300001", "", "", "", "", "", "", "", "", "Limited Liability Partnership", "Liquidation",
    "United Kingdom", "NA", "", "None Supplied", "", "", "", "", "", "", "",
]  # fmt: skip


def written(path, *rows, header=HEADER):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def test_a_row_becomes_a_company_with_dates_codes_and_earlier_names(tmp_path):
    file = written(tmp_path / "BasicCompanyDataAsOneFile-2026-11-01.csv", OAK, ELM)
    assert bulk_to_parquet(file, tmp_path / "c.parquet") == 2
    oak, elm = pq.read_table(tmp_path / "c.parquet").to_pylist()
    assert oak == {
        "number": "00012345", "name": 'OAK "TREE", LIMITED', "status": "Active",
        "company_type": "Private Limited Company", "incorporated_on": date(2000, 2, 29), "dissolved_on": None,
        "address": "1 High Street, LEEDS", "postcode": "LS1 1AA", "country": "ENGLAND",
        "sic_codes": ["62020 - Information technology consultancy", "63120 - Web portals"],
        "previous_names": [{"name": "ACORN LIMITED", "from_on": None, "until_on": date(2010, 3, 1)}],
    }  # fmt: skip
    assert elm["number"] == "OC300001"
    assert (elm["incorporated_on"], elm["dissolved_on"], elm["postcode"]) == (None, None, "")
    assert elm["sic_codes"] == [
        "None Supplied"
    ]  # said by the register, so kept: not the same as an absent code
    assert elm["previous_names"] == []


def test_a_zip_is_read_like_the_file_in_it_and_parts_like_one_file(tmp_path):
    one, two = written(tmp_path / "one.csv", OAK), written(tmp_path / "two.csv", ELM)
    with zipfile.ZipFile(tmp_path / "two.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(two, "two.csv")
    assert bulk_to_parquet([one, tmp_path / "two.zip"], tmp_path / "c.parquet") == 2
    assert pq.read_table(tmp_path / "c.parquet")["number"].to_pylist() == ["00012345", "OC300001"]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda p: p / "absent.csv", "no file 'absent.csv'"),
        (lambda p: written(p / "x.csv", ["a"], header=["Name"]), "no column 'CompanyName'"),
        (lambda p: written(p / "x.csv"), "holds no company"),
        (
            lambda p: [written(p / "x.csv", OAK), written(p / "y.csv", OAK)],
            "1 of 2 company numbers occur twice",
        ),
        (lambda p: written(p / "x.csv", OAK, [*ELM, "one cell too many"]), r"cannot be read at line 3"),
    ],
)
def test_what_is_not_the_product_is_refused_and_nothing_is_left(tmp_path, make, says):
    with pytest.raises(EnrichmentError, match=says):
        bulk_to_parquet(make(tmp_path), tmp_path / "c.parquet")
    assert [p.name for p in tmp_path.iterdir() if p.suffix == ".parquet" or p.name.startswith(".")] == []


def test_a_damaged_zip_is_said(tmp_path):
    file = written(tmp_path / "x.csv", *([OAK] * 200))
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_STORED) as archive:
        archive.write(file, "x.csv")
    raw = bytearray((tmp_path / "x.zip").read_bytes())
    raw[500] ^= 1
    (tmp_path / "x.zip").write_bytes(raw)
    with pytest.raises(EnrichmentError, match=r"x\.zip is damaged"):
        bulk_to_parquet(tmp_path / "x.zip", tmp_path / "c.parquet")


def test_the_real_sample_is_read_whole(real_data, tmp_path):
    (file,) = (real_data / "companies_house_bulk").glob("*.csv")
    n = bulk_to_parquet(file, tmp_path / "c.parquet")
    with file.open(encoding="utf-8", newline="") as lines:
        rows = sorted(csv.DictReader(lines), key=lambda row: row["CompanyNumber"])
    table = pq.read_table(tmp_path / "c.parquet")
    assert n == len(rows) == 4537
    assert table["name"].to_pylist() == [row["CompanyName"].strip() for row in rows]
    assert table["postcode"].to_pylist() == [row["RegAddress.PostCode"].strip() for row in rows]
    born = [f"{day:%d/%m/%Y}" if day else "" for day in table["incorporated_on"].to_pylist()]
    assert born == [row["IncorporationDate"] for row in rows]
    assert month_of(file) == date(2020, 5, 1)


def test_a_name_without_a_day_gives_none():
    assert month_of("companies.csv") is None
    assert month_of("BasicCompanyData-2026-13-41.csv") is None
