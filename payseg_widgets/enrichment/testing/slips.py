"""Slips of the clerks who type customers' names."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from payseg_widgets.enrichment.name_words import ABBREVIATIONS
from payseg_widgets.enrichment.testing.name_parts import PLACES, SURNAMES
from payseg_widgets.ledger.dirty_names import _dropped, _swapped

_FORMS = ("LIMITED", "LTD", "LTD.", "PLC", "LLP", "CIC", "LP", "CYF", "CYFYNGEDIG", "CCC")
_TRADING = (" T/A ", " t/a ", " trading as ", " T/A: ")
_OFFICES = (
    " - Head Office",
    " - Accounts Payable",
    " (Branch 2)",
    ", Accounts Dept",
    " - Depot 4",
    " c/o Smith Accountants",
)
_SHORTS: dict[str, list[str]] = {}
for _short, _word in ABBREVIATIONS.items():
    _SHORTS.setdefault(_word, []).append(_short)


def split_form(name: str) -> tuple[str, str]:
    """Split a registered name into its words and its legal form."""
    words = name.split(" ")
    return (" ".join(words[:-1]), words[-1]) if len(words) > 1 and words[-1] in _FORMS else (name, "")


def another_form(rng: np.random.Generator, name: str, _known: float = 0.0) -> str:
    """Write the legal form another way."""
    core, form = split_form(name)
    same = {
        "LIMITED": ("LTD", "LTD.", "LIMITED"),
        "LTD": ("LIMITED", "LTD."),
        "LTD.": ("LIMITED", "LTD"),
        "PLC": ("P.L.C.",),
    }
    kin = same.get(form, (form,))
    return f"{core} {kin[int(rng.integers(len(kin)))]}".strip()


def _no_form(_rng: np.random.Generator, name: str, _known: float) -> str:
    return split_form(name)[0]


def _misspelt(rng: np.random.Generator, name: str, _known: float) -> str:
    core, form = split_form(name)
    if form not in ("LIMITED", "LTD"):
        return name
    slip = ("LIMTED", "LIMITD", "LTDD", "LMTD", "LIMITED LTD", "LIMMITED", "LTD LIMITED", "LIMIETD")
    return f"{core} {slip[int(rng.integers(len(slip)))]}"


def _and(_rng: np.random.Generator, name: str, _known: float) -> str:
    return name.replace(" & ", " AND ") if " & " in name else name.replace(" AND ", " + ")


def _trading(rng: np.random.Generator, name: str, _known: float) -> str:
    surname = SURNAMES[int(rng.integers(len(SURNAMES)))].upper()
    brand = f"THE {surname} {('CAFE', 'STORES', 'GROUP', 'GARAGE', 'INN')[int(rng.integers(5))]}"
    mark = _TRADING[int(rng.integers(len(_TRADING)))]
    return f"{name}{mark}{brand}" if rng.random() < 0.75 else f"{brand}{mark}{name}"


def _abbreviated(rng: np.random.Generator, name: str, known_share: float) -> str:
    words = name.split(" ")
    long = [k for k, word in enumerate(words) if len(word) > 6 and word not in _FORMS]
    known = [k for k in long if words[k] in _SHORTS]
    if known and rng.random() < known_share:
        k = known[int(rng.integers(len(known)))]
        shorts = _SHORTS[words[k]]
        words[k] = shorts[int(rng.integers(len(shorts)))]
    elif long:
        k = long[-1]
        word = words[k]
        words[k] = (
            word[:4] + "."
            if rng.random() < 0.5
            else word[0] + "".join(c for c in word[1:] if c not in "AEIOU")
        )
    return " ".join(words)


def _swapped_words(rng: np.random.Generator, name: str, _known: float) -> str:
    core, form = split_form(name)
    words = core.split(" ")
    if len(words) > 1:
        k = int(rng.integers(len(words) - 1))
        words[k : k + 2] = words[k : k + 2][::-1]
    return f"{' '.join(words)} {form}".strip()


def _placed(rng: np.random.Generator, name: str, _known: float) -> str:
    place = PLACES[int(rng.integers(len(PLACES)))].upper()
    core, form = split_form(name)
    shapes = (
        f"{name} - {place}",
        f"{name} ({place})",
        f"{name} {place}",
        f"{core} {place} {form}".strip(),
        f"{core}, {place}",
    )
    return shapes[int(rng.integers(len(shapes)))]


def _typed(rng: np.random.Generator, name: str, _known: float = 0.0) -> str:
    core, form = split_form(name)
    at, draw = rng.random(), rng.random()
    if draw < 0.4:
        core = _swapped(core, at)
    elif draw < 0.7:
        core = _dropped(core, at)
    else:
        place = int(at * len(core))
        letter = "AEIOURSTLN"[int(rng.integers(10))]
        core = core[:place] + letter + core[place + (draw < 0.85) :]
    return f"{core} {form}".strip()


def _dropped_word(rng: np.random.Generator, name: str, _known: float) -> str:
    core, form = split_form(name)
    words = core.split(" ")
    if len(words) > 2:
        del words[-1 if rng.random() < 0.7 else int(rng.integers(len(words)))]
    return f"{' '.join(words)} {form}".strip()


def _joined(rng: np.random.Generator, name: str, _known: float) -> str:
    at = [k for k, letter in enumerate(name) if letter == " "]
    k = at[0] if at else 0
    return name[:k] + name[k + 1 :] if at else name


#: Kind of slip -> what it makes of a name; the number is the share of abbreviations that the package knows.
SLIPS: dict[str, Callable[[np.random.Generator, str, float], str]] = {
    "form": another_form, "no form": _no_form, "misspelt form": _misspelt, "and": _and, "trading as": _trading,
    "abbreviation": _abbreviated, "swapped words": _swapped_words, "appended place": _placed,
    "appended office": lambda rng, name, _: name + _OFFICES[int(rng.integers(len(_OFFICES)))],
    "account number": lambda rng, name, _: f"{int(rng.integers(1000, 99999))}{(' ', ' - ')[int(rng.integers(2))]}{name}",
    "typo": _typed, "two typos": lambda rng, name, _: _typed(rng, _typed(rng, name)),
    "punctuation": lambda rng, name, _: name.replace(" & ", "&").replace(" ", ("  ", ". ", ", ",
    " ")[int(rng.integers(4))], 1),
    "Welsh form": lambda rng, name, _: f"{split_form(name)[0]} {('CYF', 'CYFYNGEDIG')[int(rng.integers(2))]}",
    "dropped word": _dropped_word, "truncated": lambda rng, name, _: name[: max(12, int(len(name) * 0.8))],
    "joined words": _joined,
}  # fmt: skip
