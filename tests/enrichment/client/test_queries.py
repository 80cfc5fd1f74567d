"""What is asked for a name, and what cannot be a number."""

import pytest

from payseg_widgets.enrichment.client.queries import words_of


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
