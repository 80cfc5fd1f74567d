"""What is asked for a name, and what cannot be a number."""

import pytest

from payseg_widgets import errors
from payseg_widgets.enrichment.client.queries import checked_number, words_of


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Release.Art Limited", ["RELEASE.ART"]),
        ("O’Brien & Sons Ltd.", ["O'BRIEN", "SONS"]),
        ("THE FLOUR MILL CO (UK) L.T.D.", ["FLOUR", "MILL"]),
        ("Acorn Ltd t/a The Nut Shop", ["ACORN"]),
        ("T/A Acorn", ["ACORN"]),
        ("Siop Lyfrau Cyf", ["SIOP", "LYFRAU"]),
        ("The Company Limited", ["THE", "COMPANY", "LIMITED"]),
        ("Café Zoë plc", ["CAFÉ", "ZOË"]),
        ("&&&", []),
    ],
)
def test_words_are_those_that_tell_a_name_from_others(name, words):
    assert words_of(name) == words


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1234567", "01234567"),
        (" sc 123456 ", "SC123456"),
        ("R0000012", "R0000012"),
        ("IP12345R", "IP12345R"),
    ],
)
def test_numbers_are_written_as_the_register_does(written, number):
    assert checked_number(written) == number


@pytest.mark.parametrize(
    "junk", ["", "0", "00000000", "n/a", "GB123456789", "SC12345", "ABCDEFGH", "../../12", "１２３４５６７８"]
)
def test_what_cannot_be_a_number_is_not_sent(junk):
    with pytest.raises(errors.EnrichmentError, match="is no company number"):
        checked_number(junk)
