"""What is asked for a name, and what cannot be a number."""

import pytest

from payseg_widgets.enrichment.client.queries import telling_words, words_of


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
    ("name", "words"),
    [
        ("Acorn Bakery Northern Ltd", ["ACORN", "BAKERY"]),
        ("Acorn Bakery Holdings (Europe) plc", ["ACORN", "BAKERY"]),
        ("Acorn Holdings Ltd", ["ACORN", "HOLDINGS"]),  # one word alone finds too many
        ("Global Capital Ventures", ["GLOBAL", "CAPITAL", "VENTURES"]),
    ],
)
def test_words_that_clerks_add_and_drop_are_not_asked_for_where_two_others_are(name, words):
    assert telling_words(words_of(name)) == words
