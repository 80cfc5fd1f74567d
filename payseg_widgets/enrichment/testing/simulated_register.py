"""Invent a register of companies: families of like names, dissolved companies, previous names, crowded postcodes."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from payseg_widgets.enrichment.testing.name_parts import (
    AREAS,
    BRANCHES,
    COMMON_SURNAMES,
    ENDINGS,
    FORENAMES,
    PLACES,
    SIC_CODES,
    STREET_KINDS,
    SURNAMES,
    SYLLABLES,
    TOWN_KINDS,
    TRADES,
)
from payseg_widgets.errors import EnrichmentError
from payseg_widgets.ledger.dirty_names import _FIRST, _SECOND

_TRADES = tuple(dict.fromkeys((*TRADES, *_SECOND)))
_FORMS = (" LIMITED", " LTD", " LTD.", " LLP", " PLC", " CIC", " LP", " CYF", " CYFYNGEDIG", " CCC", "")
_FORM_SHARES = (0.55, 0.37, 0.02, 0.015, 0.004, 0.006, 0.012, 0.002, 0.001, 0.0005, 0.0195)
#: Kinds of name and their shares; see `_core`.
_KINDS = (0.16, 0.08, 0.07, 0.22, 0.07, 0.08, 0.12, 0.06, 0.05, 0.05, 0.04)
_LETTERS = "ABCDEFGHJKLMNPRSTW"
_TODAY = date(2026, 1, 1)
_INWARD = "ABDEFGHJLNPQRSTUWXYZ"

FAMILY_RATIO = 0.08
DISSOLVED_RATIO = 0.06
PREVIOUS_NAME_RATIO = 0.109
NO_POSTCODE_RATIO = 0.012
CROWDED_RATIO = 0.3


def simulate_register(n: int, *, seed: int = 0) -> pd.DataFrame:
    """Invent ``n`` companies.

    One in twelve has the name of an earlier one but for a word ("Holdings", "(UK)", "2010"),
    mostly at its address; 2 % have
    the very name of a dissolved company. 30 % sit at the postcode of an agent, together with many others. Shares of
    missing postcodes (1.2 %), previous names (10.9 %), ``None Supplied`` (3.8 %) and dormant (2.9 %) are those of the register.

    Parameters
    ----------
    n : int
    seed : int

    Returns
    -------
    pandas.DataFrame
        One row for each company, in the columns of `payseg_widgets.enrichment.register.SCHEMA`.

    Raises
    ------
    EnrichmentError
        If ``n`` is below 1.

    Examples
    --------
    >>> simulate_register(3, seed=1)["number"].is_unique
    True
    """
    if n < 1:
        raise EnrichmentError(f"a register of {n} companies cannot be simulated. Ask for 1 or more.")
    rng = np.random.default_rng(seed)
    cores, families = _cores(rng, n)
    _part_namesakes(rng, cores)
    forms = rng.choice(len(_FORMS), n, p=_FORM_SHARES)
    names = [core.upper() + _FORMS[form] for core, form in zip(cores, forms, strict=True)]
    postcodes = _postcodes(rng, n)
    born, gone = _dates(rng, n)
    for child, parent in families:
        if rng.random() < 0.7:
            postcodes[child] = postcodes[parent]
    _repeat_dissolved(rng, names, born, gone, families)
    streets = rng.integers(0, len(TOWN_KINDS), n)
    doors = rng.integers(1, 250, n)
    types = np.where(
        np.isin(forms, (3,)),
        "llp",
        np.where(forms == 4, "plc", np.where(forms == 6, "limited-partnership", "ltd")),
    )
    return pd.DataFrame({
        "number": _numbers(rng, postcodes),
        "name": names,
        "status": np.where([day is not None for day in gone], "dissolved", "active"),
        "company_type": types,
        "incorporated_on": born,
        "dissolved_on": gone,
        "address": [f"{doors[i]} {TOWN_KINDS[streets[i]]}" for i in range(n)],
        "postcode": postcodes,
        "country": "United Kingdom",
        "sic_codes": _sectors(rng, n),
        "previous_names": _previous(rng, cores, born),
    })  # fmt: skip


def _pick(rng: np.random.Generator, words: tuple[str, ...], n: int) -> list[str]:
    return [words[i] for i in rng.integers(0, len(words), n)]


def _skewed(rng: np.random.Generator, words: tuple[str, ...], n: int) -> list[str]:
    """Draw words of which the first are the commonest, as trades are."""
    return [words[i] for i in (rng.random(n) ** 1.7 * len(words)).astype(int)]


def _initials(rng: np.random.Generator, n: int, fewest: int, most: int) -> list[str]:
    sizes, letters = rng.integers(fewest, most + 1, n), rng.integers(0, len(_LETTERS), (n, most))
    return ["".join(_LETTERS[k] for k in letters[i, : sizes[i]]) for i in range(n)]


def _coined(rng: np.random.Generator, n: int) -> list[str]:
    sizes, drawn = rng.integers(1, 4, n), rng.integers(0, len(SYLLABLES), (n, 3))
    ends = _pick(rng, ENDINGS, n)
    return ["".join(SYLLABLES[k] for k in drawn[i, : sizes[i]]) + ends[i] for i in range(n)]


def _people(rng: np.random.Generator, n: int) -> list[str]:
    common, rare, draw = _pick(rng, COMMON_SURNAMES, n), _pick(rng, SURNAMES, n), rng.random(n)
    return [common[i] if draw[i] < 0.2 else rare[i] for i in range(n)]


def _fresh(rng: np.random.Generator, n: int) -> list[str]:
    """Invent names without legal form."""
    kinds = rng.choice(len(_KINDS), n, p=_KINDS)
    person, other, first = _people(rng, n), _people(rng, n), _pick(rng, FORENAMES, n)
    trade, coined, word = _skewed(rng, _TRADES, n), _coined(rng, n), _pick(rng, _FIRST, n)
    place, short, door = _pick(rng, PLACES, n), _initials(rng, n, 2, 4), rng.integers(1, 200, n)
    street, two, draw = _pick(rng, STREET_KINDS, n), _initials(rng, n, 1, 2), rng.random(n)
    names = []
    for i, kind in enumerate(kinds):
        some = f" {trade[i]}" if draw[i] < 0.6 else ""
        spelt = (f"{two[i]} ", ". ".join(two[i]) + ". ", " ".join(two[i]) + " ")[int(draw[i] * 3)]
        names.append((
            f"{person[i]} {trade[i]}", f"{first[i]} {person[i]}{some}", f"{spelt}{person[i]} {trade[i]}",
            f"{coined[i]} {trade[i]}",
            coined[i], f"{short[i]} {trade[i]}",
            f"{word[i]} {other[i]}{some}" if draw[i] < 0.7 else f"The {word[i]} {trade[i]} Company",
            f"{place[i]} {word[i]} {trade[i]}" if draw[i] < 0.5 else f"{coined[i]} {place[i]}",
            f"{person[i]} & {other[i] if draw[i] < 0.7 else ('Sons', 'Co', 'Daughters')[int(draw[i] * 29) % 3]}{some}",
            f"{door[i]} {other[i]} {street[i]}{' Management Company' if draw[i] < 0.5 else ''}",
            f"{coined[i]} {word[i]}{some}",
        )[kind])  # fmt: skip
    return names


def _cores(rng: np.random.Generator, n: int) -> tuple[list[str], list[tuple[int, int]]]:
    """Invent names, some after an earlier one; returns also (younger, elder) of each family."""
    cores = _fresh(rng, n)
    families = []
    for child in np.flatnonzero(rng.random(n) < FAMILY_RATIO):
        if child:
            parent = int(rng.integers(0, child))
            cores[child] = cores[parent] + BRANCHES[int(rng.integers(0, len(BRANCHES)))]
            families.append((int(child), parent))
    return cores, families


def name_key(name: str) -> str:
    """Return what two live companies may not share: letters and digits without legal form, THE and AND.

    References
    ----------
    The Company, Limited Liability Partnership and Business (Names and Trading Disclosures) Regulations 2015,
    Schedule 3.
    """
    words = name.upper().replace("&", " ").replace(".", "").split()
    if len(words) > 1 and f" {words[-1]}" in _FORMS:
        words.pop()
    return "".join(word for word in words if word not in ("THE", "AND"))


def _part_namesakes(rng: np.random.Generator, cores: list[str]) -> None:
    """Give a name that is taken a place or another word, as the registrar asks."""
    taken: set[str] = set()
    places, words = _pick(rng, PLACES, len(cores)), _pick(rng, _FIRST, len(cores))
    for i, core in enumerate(cores):
        for longer in (
            core,
            f"{core} {places[i]}",
            f"{words[i]} {core}",
            f"{words[i]} {core} {places[i]}",
            f"{core} {i}",
        ):
            if (key := name_key(longer)) not in taken:
                taken.add(key)
                cores[i] = longer
                break


def _postcodes(rng: np.random.Generator, n: int) -> list[str]:
    shares = np.array([share for _, share, _ in AREAS])
    agents = max(1, n // 120)

    def fresh(size: int) -> list[str]:
        area, draw = rng.choice(len(AREAS), size, p=shares / shares.sum()), rng.random(size)
        sector, letters = rng.integers(0, 10, size), rng.integers(0, len(_INWARD), (size, 2))
        codes = []
        for i in range(size):
            name, _, districts = AREAS[area[i]]
            known = districts if isinstance(districts, tuple) else range(1, districts + 1)
            tail = "AMNVY"[int(draw[i] * 97) % 5] if name in ("EC", "WC") else ""
            codes.append(
                f"{name}{known[int(draw[i] * len(known))]}{tail} {sector[i]}{_INWARD[letters[i, 0]]}{_INWARD[letters[i, 1]]}"
            )
        return codes

    crowded, own, draw = fresh(agents), fresh(n), rng.random(n)
    at = (rng.random(n) ** 2 * agents).astype(int)  # a few agents have very many companies
    chosen = [crowded[at[i]] if draw[i] < CROWDED_RATIO else own[i] for i in range(n)]
    return ["" if draw[i] > 1 - NO_POSTCODE_RATIO else chosen[i] for i in range(n)]


def _dates(rng: np.random.Generator, n: int) -> tuple[list[date], list[date | None]]:
    age, gone, when = rng.gamma(1.2, 7.5 * 365, n).clip(20, 60 * 365), rng.random(n), rng.random(n)
    born = [_TODAY - timedelta(days=int(days)) for days in age]
    ends = [
        day + timedelta(days=int(days * (0.3 + 0.7 * part))) if draw < DISSOLVED_RATIO else None
        for day, days, part, draw in zip(born, age, when, gone, strict=True)
    ]
    return born, ends


def _repeat_dissolved(
    rng: np.random.Generator,
    names: list[str],
    born: list[date],
    gone: list[date | None],
    families: list[tuple[int, int]],
) -> None:
    """Give 2 % of companies the name of an older one, which is dissolved the year before."""
    kin = {child for child, _ in families} | {parent for _, parent in families}
    for child in np.flatnonzero(rng.random(len(names)) < 0.02):
        elder = int(rng.integers(0, len(names)))
        if (
            elder != child
            and gone[child] is None
            and born[elder] < born[child]
            and not {int(child), elder} & kin
        ):
            names[child], gone[elder] = names[elder], max(born[elder], born[child] - timedelta(days=400))


def _numbers(rng: np.random.Generator, postcodes: list[str]) -> list[str]:
    digits = rng.permutation(np.arange(10_001, 10_001 + 9 * len(postcodes), 9))
    prefixes = {"G": "SC", "EH": "SC", "AB": "SC", "BT": "NI"}
    numbers = []
    for digit, code in zip(digits, postcodes, strict=True):
        prefix = prefixes.get(code[:2].rstrip("0123456789"), "") if digit < 1_000_000 else ""
        numbers.append(f"{prefix}{digit:06d}" if prefix else f"{digit:08d}")
    return numbers


def _sectors(rng: np.random.Generator, n: int) -> list[list[str]]:
    first, second, draw = _pick(rng, SIC_CODES, n), _pick(rng, SIC_CODES, n), rng.random(n)
    rows = [[a, b] if d > 0.8 else [a] for a, b, d in zip(first, second, draw, strict=True)]
    return [
        ["None Supplied"] if d < 0.038 else ["99999"] if d < 0.067 else row
        for d, row in zip(draw, rows, strict=True)
    ]


def _previous(rng: np.random.Generator, cores: list[str], born: list[date]) -> list[list[dict[str, object]]]:
    """Give some a former name: another one altogether, or their own with other words behind."""
    n = len(cores)
    draw, when, fresh = rng.random(n), rng.random(n), iter(_fresh(rng, int(n * 0.15) + 50))
    rows: list[list[dict[str, object]]] = []
    for i, core in enumerate(cores):
        if draw[i] > PREVIOUS_NAME_RATIO:
            rows.append([])
            continue
        former = (
            core.split()[0] + " " + _TRADES[int(when[i] * len(_TRADES))] if draw[i] < 0.04 else next(fresh)
        )
        until = born[i] + timedelta(days=int(when[i] * (_TODAY - born[i]).days))
        rows.append([{"name": former.upper() + " LIMITED", "from_on": born[i], "until_on": until}])
    return rows
