from __future__ import annotations

import doctest

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payseg_widgets.enrichment import postcode as module
from payseg_widgets.enrichment.postcode import Postcode, find_postcode, find_postcodes
from payseg_widgets.ledger.dirty_names import postcodes
from payseg_widgets.ledger.simulate_world import REGION_DAYS

import numpy as np  # isort: skip

SEEDS = st.integers(0, 2**32 - 1)


def invented(seed: int, n: int = 1) -> list[str]:
    """Postcodes of the simulator, which knows nothing of this module."""
    rng = np.random.default_rng(seed)
    return list(postcodes(rng, rng.choice(list(REGION_DAYS), n)))


def test_the_examples_run():
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("text", "postcode"),
    [
        ("M1 1AE", "M1 1AE"), ("B33 8TH", "B33 8TH"), ("CR2 6XH", "CR2 6XH"), ("DN55 1PT", "DN55 1PT"),
        ("W1A 0AX", "W1A 0AX"), ("EC1A 1BB", "EC1A 1BB"),  # the six formats of Royal Mail's guide
        ("sw1a1aa", "SW1A 1AA"), ("10 Downing Street,\nLondon\nSW1A 2AA", "SW1A 2AA"),
        ("SW1A\u00a02AA", "SW1A 2AA"), ("G2   5AD", "G2 5AD"), ("NW12HD", "NW1 2HD"), ("s103TH", "S10 3TH"),
        ("London, EC3P 3DS, 74005", "EC3P 3DS"), ("M1 1AE (formerly M2 2BB)", "M2 2BB"),
    ],
)  # fmt: skip
def test_a_postcode_is_found_wherever_it_stands(text, postcode):
    code = find_postcode(text)
    assert (str(code), code.precision, code.is_mended) == (postcode, "unit", False)


@pytest.mark.parametrize(
    ("text", "postcode"),
    [
        ("Chertsey, KT16 OPZ", "KT16 0PZ"), ("CRO 1JB", "CR0 1JB"), ("S023 9NA", "SO23 9NA"), ("0X1 3BW", "OX1 3BW"),
        ("Westcliff, SSO 9HR", "SS0 9HR"), ("EI4 5AB", "E14 5AB"), ("HP 21 8AL", "HP21 8AL"),
        ("HP6 5 AW", "HP6 5AW"), ("London, SW1 H0TL", "SW1H 0TL"), ("EC1 V4AB", "EC1V 4AB"), ("SE1-9HA", "SE1 9HA"),
        ("GL7 IXA", "GL7 1XA"), ("BL9 ONJ", "BL9 0NJ"),
    ],
)  # fmt: skip
def test_a_plain_slip_is_mended_and_said(text, postcode):
    code = find_postcode(text)
    assert (str(code), code.is_mended) == (postcode, True)


@pytest.mark.parametrize(
    ("text", "postcode", "precision"),
    [
        ("EC1", "EC1", "district"), ("sw1a", "SW1A", "district"), ("Leeds LS1", "LS1", "district"),
        ("Dorchester, DT1 2J", "DT1 2", "sector"), ("SW1A 1", "SW1A 1", "sector"),
        ("1 High St, London N1", "N1", "district"),
    ],
)  # fmt: skip
def test_half_a_postcode_counts_as_what_it_is(text, postcode, precision):
    code = find_postcode(text)
    assert (str(code), code.precision) == (postcode, precision)


@pytest.mark.parametrize(
    "text",
    [
        None, "", float("nan"), pd.NA, 75008, "75008 Paris", "Dublin D02 X285", "1119 NS Schiphol",
        "Ma 02116", "S-106 70 Stockholm",
        "Hamilton, Bermuda, HM 11", "Unit B1", "Flat 2 Block B2", "Junction 25, M25", "Delaware, DE 19808, USA", "3C4A 3TR",
        "QA1 1AA", "M1 1CK", "S0 1AA", "B1S 1AA!", "Wigmore Hall, Luton", "32 Hailes Avenue", "Smith & Co Ltd", "PO BOX 12",
        "125 London Wall 8th Floor, London", "Unit E1 2nd Floor",
    ],
)  # fmt: skip
def test_what_only_resembles_a_postcode_is_none(text):
    assert find_postcode(text) is None


@pytest.mark.parametrize(
    ("text", "kind", "postcode"),
    [
        ("gir0aa", "non-geographic", "GIR 0AA"), ("BX1 1LT", "non-geographic", "BX1 1LT"),
        ("XX10 1AA", "non-geographic", "XX10 1AA"),
        ("BFPO 58", "BFPO", "BFPO 58"), ("BF1 2AT", "BFPO", "BF1 2AT"), ("JE2 3AB", "Crown Dependencies", "JE2 3AB"),
        ("GY1 1AA", "Crown Dependencies", "GY1 1AA"), ("IM1 1AA", "Crown Dependencies", "IM1 1AA"),
        ("Stanley FIQQ 1ZZ", "overseas territory", "FIQQ 1ZZ"), ("GX11 1AA", "overseas territory", "GX11 1AA"),
        ("Grand Cayman KY1-1103", "overseas territory", "KY1-1103"), ("Tortola VG1110", "overseas territory", "VG1110"),
    ],
)  # fmt: skip
def test_codes_outside_the_regions_have_a_kind(text, kind, postcode):
    code = find_postcode(text)
    assert (code.kind, str(code)) == (kind, postcode)


@given(SEEDS)
def test_a_postcode_comes_back_however_it_is_written(seed):
    (code,) = invented(seed)
    outward, inward = code.split()
    expected = Postcode(
        outward.rstrip("0123456789") if outward[-1].isdigit() else outward[: -2], outward, f"{outward} {inward[0]}", code
    )  # fmt: skip
    for text in (
        code,
        code.lower(),
        outward + inward,
        f"1 High Street\n{code}",
        f"{outward}\u00a0{inward}",
        str(find_postcode(code)),
    ):
        assert find_postcode(text) == expected


@given(SEEDS)
def test_moved_and_added_spaces_never_make_another_postcode(seed):
    (code,) = invented(seed)
    squashed = code.replace(" ", "")
    for at in range(1, len(squashed)):
        found = find_postcode(f"Anytown, {squashed[:at]} {squashed[at:]}")
        assert found is None or str(found) == code


@given(SEEDS)
def test_letters_for_digits_never_make_another_postcode(seed):
    (code,) = invented(seed)
    for slip in (
        code.replace("0", "O"),
        code.replace("1", "I"),
        code.replace("O", "0"),
        code.replace("1", "l"),
    ):
        assert str(find_postcode(f"Anytown, {slip}")) in (code, "None")


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("ABEMNSW01259 ,\n"))))
def test_any_text_gives_a_postcode_that_reads_back_as_itself_or_nothing(text):
    code = find_postcode(text)
    if code is not None:
        again = find_postcode(str(code))
        assert (str(again), again.kind) == (str(code), code.kind)


def test_a_column_is_read_as_its_cells_are():
    cells = pd.Series(["M1 1AE", None, "KT16 OPZ", "m1 1ae", "nothing"], index=[5, 3, 9, 1, 0])
    table = find_postcodes(cells)
    assert table.index.tolist() == cells.index.tolist()
    assert table["postcode"].fillna("").tolist() == ["M1 1AE", "", "KT16 0PZ", "M1 1AE", ""]
    assert table["is_mended"].tolist() == [False, False, True, False, False]


def test_of_real_addresses_all_but_a_few_give_their_postcode(real_data):
    table = pd.read_csv(
        real_data / "uk_employers" / "employers_2017_18.csv", dtype="str", usecols=["Address"]
    )
    assert find_postcodes(table["Address"])["postcode"].notna().mean() > 0.995
