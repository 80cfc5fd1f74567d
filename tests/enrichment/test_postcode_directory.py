from __future__ import annotations

import doctest
import zipfile

import pytest

from payseg_widgets import EnrichmentError
from payseg_widgets.enrichment import postcode_directory as module
from payseg_widgets.enrichment.postcode_directory import PostcodeDirectory

ROWS = (
    '"MK19 6AA",E92000001,E12000004\n"MK19 7AA",E92000001,E12000008\n"SY10 0HA",W92000004,W99999999\n'
    '"G1  1AA",S92000003,S99999999\n"BT1 1AA",N92000002,N99999999\n"JE2 3AB",L93000001,L93000001\n'
    '"IM1 1AA",M83000003,M99999999\n"E1 1AA",,\n'
)
REGIONS = {
    "MK19 6AA": "East Midlands", "mk197aa": "South East", "SY10 0HA": "Wales", "G1 1AA": "Scotland",
    "BT1 1AA": "Northern Ireland", "JE2 3AB": "Crown Dependencies", "IM1 1AA": "Crown Dependencies",
}  # fmt: skip


def test_the_examples_run():
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    "heading",
    ["pcds,ctry,rgn", "pcd,ctry,rgn", "pcd7,ctry25cd,rgn25cd", "PCDS,CTRY,RGN", "pcds,ctrycd,rgncd"],
)
def test_columns_of_every_year_are_known_and_borders_are_exact(tmp_path, heading):
    (tmp_path / "ONSPD_NOV.csv").write_text(f"{heading}\n{ROWS}")
    directory = PostcodeDirectory.read(tmp_path / "ONSPD_NOV.csv")
    for postcode, region in REGIONS.items():
        place = directory.region_of(postcode)
        assert (place.region, place.share, place.straddles, place.basis) == (
            region,
            1,
            False,
            "ONS Postcode Directory",
        )
    assert len(directory) == 8


def test_a_postcode_it_does_not_have_goes_by_its_district(tmp_path):
    (tmp_path / "a.csv").write_text("pcds,ctry,rgn\n" + ROWS)
    directory = PostcodeDirectory.read(tmp_path / "a.csv")
    assert directory.region_of("ZE1 0AA").basis == "area"
    assert directory.region_of("MK19 1ZZ").straddles
    assert directory.region_of("MK19").basis == "district"
    assert directory.region_of("nothing").region == "unknown"
    assert (directory.region_of("E1 1AA").region, directory.region_of("E1 1AA").basis) == ("London", "area")


def test_in_a_zip_the_large_file_is_found_among_its_companions(tmp_path):
    with zipfile.ZipFile(tmp_path / "onspd.zip", "w") as archive:
        archive.writestr("Documents/names and codes.csv", "code,name\n" + "E12000001,North East\n" * 99)
        archive.writestr(
            "Data/multi_csv/ONSPD_NOV_2025_UK_AB.csv", "pcds,ctry,rgn\nAB1 0AA,S92000003,S99999999\n"
        )
        archive.writestr("Data/ONSPD_NOV_2025_UK.csv", "pcds,ctry,rgn\n" + ROWS)
    directory = PostcodeDirectory.read(tmp_path / "onspd.zip")
    assert directory.region_of("MK19 6AA").region == "East Midlands"
    assert repr(directory) == "PostcodeDirectory('onspd.zip', postcodes=8)"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "ledger.csv",
            b"customer,amount\nC1,5\n",
            r"'ledger.csv' has no column for the postcode; its columns begin customer, amount",
        ),
        ("half.csv", b"pcds,lat\nM1 1AE,53\n", "no column for the region"),
        ("empty.csv", b"pcds,ctry,rgn\n", "holds no postcode"),
        ("picture.csv", bytes(range(256)) * 40, "picture.csv"),
    ],
)
def test_a_wrong_file_is_refused_with_what_to_do(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(EnrichmentError, match=message) as caught:
        PostcodeDirectory.read(tmp_path / name)
    assert "Open Geography portal" in str(caught.value)


def test_no_file_and_a_zip_without_a_table_are_refused(tmp_path):
    with pytest.raises(EnrichmentError, match=r"There is no file 'x\.csv'"):
        PostcodeDirectory.read(tmp_path / "x.csv")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(EnrichmentError, match="holds no CSV file"):
        PostcodeDirectory.read(tmp_path / "x.zip")
