"""Write the companies of a simulated register as a ledger's clerks would, and keep the truth."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pandas as pd

from payseg_widgets.enrichment.testing.name_parts import BRANCHES, COMMON_SURNAMES, FORENAMES, PLACES
from payseg_widgets.enrichment.testing.simulated_register import name_key, simulate_register
from payseg_widgets.enrichment.testing.slips import SLIPS, another_form, split_form
from payseg_widgets.errors import EnrichmentError

_FIRST_INVOICES_FROM, _LAST_DAY = date(2019, 1, 1), date(2025, 12, 31)


@dataclass(frozen=True)
class Noise:
    """How a ledger's names and postcodes differ from the register's.

    Attributes
    ----------
    kinds : dict
        Kind of slip -> weight.
    second : float
        Share of names with a second slip.
    postcodes : tuple of float
        Shares of customers at the registered office, elsewhere in its district, in its area, in another area,
        without postcode.
    known_abbreviations : float
        Share of shortened words that are shortened as the package's own table has it.
    """

    kinds: dict[str, float] = field(default_factory=dict)
    second: float = 0.25
    postcodes: tuple[float, float, float, float, float] = (0.70, 0.08, 0.08, 0.11, 0.03)
    known_abbreviations: float = 0.7


#: What the scorer is trained on.
TRAINING_NOISE = Noise({
    "form": 30, "no form": 10, "misspelt form": 5, "and": 5, "trading as": 8, "old name": 5, "abbreviation": 8,
    "swapped words": 4,
    "appended place": 6, "appended office": 5, "account number": 3, "typo": 10, "punctuation": 4,
    "Welsh form": 1, "dropped word": 4,
    "truncated": 2, "several": 2,
})  # fmt: skip
#: What it is judged on: other shares, two kinds of slip it never saw, and mostly abbreviations that no table holds.
HELD_OUT_NOISE = Noise(
    {
        "form": 24, "no form": 9, "misspelt form": 6, "and": 6, "trading as": 7, "old name": 6,
        "abbreviation": 9, "swapped words": 6,
        "appended place": 7, "appended office": 5, "account number": 3, "typo": 9, "punctuation": 4,
        "Welsh form": 2, "dropped word": 3,
        "truncated": 1, "several": 2, "two typos": 3, "joined words": 3,
    },
    second=0.20, postcodes=(0.72, 0.07, 0.08, 0.10, 0.03), known_abbreviations=0.4,
)  # fmt: skip


def noisy_customers(
    register: pd.DataFrame,
    n: int,
    *,
    seed: int = 0,
    share_not_on_register: float = 0.2,
    noise: Noise = HELD_OUT_NOISE,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write ``n`` customers of a ledger, some of them companies of the register.

    Parameters
    ----------
    register : DataFrame
        From `payseg_widgets.enrichment.testing.simulated_register.simulate_register`.
    n : int
    seed : int
    share_not_on_register : float
        These have names of the same make; a tenth are namesakes but for a word, a tenth people and public bodies.
    noise : Noise

    Returns
    -------
    customers : pandas.DataFrame
        What `payseg_widgets.enrichment.match.match_names` takes.
    truth : pandas.DataFrame
        ``customer_id``; ``number``, empty where the customer is on no register or the name tells of several companies;
        ``kind`` of slip, or of absence.

    Raises
    ------
    EnrichmentError
        If ``share_not_on_register`` is not between 0 and 1.

    Examples
    --------
    >>> from payseg_widgets.enrichment.testing.simulated_register import simulate_register
    >>> customers, truth = noisy_customers(simulate_register(50), 10, seed=1)
    >>> len(customers), (truth["number"] == "").sum() >= 2
    (10, np.True_)
    """
    if not 0 <= share_not_on_register <= 1:
        raise EnrichmentError(
            f"share_not_on_register={share_not_on_register!r} is no share; give a number from 0 to 1."
        )
    rng = np.random.default_rng(seed)
    n_absent = round(n * share_not_on_register)
    chosen = register.iloc[rng.integers(0, len(register), n - n_absent)].to_dict("records")
    renamed = np.flatnonzero(register["previous_names"].str.len() > 0)
    written = [_written(rng, company, noise, register, renamed) for company in chosen]
    written += _absent(rng, n_absent, register, noise, seed)
    order = rng.permutation(n)
    table = pd.DataFrame([written[i] for i in order])
    table.insert(0, "customer_id", [f"C{k:06d}" for k in range(1, n + 1)])
    return table.drop(columns=["number", "kind"]), table[["customer_id", "number", "kind"]].copy()


def _written(
    rng: np.random.Generator,
    company: dict,
    noise: Noise,
    register: pd.DataFrame,
    renamed: np.ndarray | tuple[()] = (),
) -> dict[str, object]:
    shares = np.array(list(noise.kinds.values()), dtype=float)
    first, second = rng.choice(len(shares), 2, p=shares / shares.sum())
    names = list(noise.kinds)
    kind, and_also = names[first], names[second] if rng.random() < noise.second else ""
    if kind == "old name" and len(renamed):
        company = register.iloc[int(renamed[rng.integers(len(renamed))])].to_dict()
    since, until = _invoiced(rng, company)
    name = company["name"]
    if kind == "old name":
        name = _former(rng, company, since)
        kind = "old name" if name != company["name"] else "form"
    elif kind == "several":
        other = register["name"].iloc[int(rng.integers(0, len(register)))]
        name = (
            _cased(rng, another_form(rng, name))
            + (" / ", " & ", "; ")[int(rng.integers(3))]
            + _cased(rng, another_form(rng, other))
        )
    for slip in (kind, and_also):
        if slip in SLIPS:
            name = SLIPS[slip](rng, name, noise.known_abbreviations)
    number = "" if kind == "several" else company["number"]
    return {
        "name": _cased(rng, name), "postcode": _postcode(rng, company["postcode"], noise),
        "first_invoice_on": since, "last_invoice_on": until, "number": number, "kind": kind,
    }  # fmt: skip


def _invoiced(rng: np.random.Generator, company: dict) -> tuple[date, date]:
    gone = company["dissolved_on"]
    last_day = min(gone, _LAST_DAY) if gone is not None and not pd.isna(gone) else _LAST_DAY
    first_day = min(max(company["incorporated_on"], _FIRST_INVOICES_FROM), last_day)
    since = first_day + timedelta(days=int(rng.random() * (last_day - first_day).days))
    if since < company["incorporated_on"]:
        since = company["incorporated_on"]
    return since, since + timedelta(days=int(rng.random() * max((last_day - since).days, 0)))


def _former(rng: np.random.Generator, company: dict, since: date) -> str:
    former = [
        name["name"] for name in company["previous_names"] if name["until_on"] >= since or rng.random() < 0.7
    ]
    return former[0] if former else company["name"]


def _cased(rng: np.random.Generator, name: str) -> str:
    draw = rng.random()
    return name if draw < 0.45 else name.title() if draw < 0.9 else name.lower()


def _postcode(rng: np.random.Generator, code: str, noise: Noise) -> str:
    where = rng.choice(5, p=noise.postcodes)
    if where == 4 or not code:
        return ""
    outward, inward = code.split(" ")
    sector = (int(inward[0]) + int(rng.integers(1, 10))) % 10
    other = f"{sector}{'ABDEFGHJLN'[int(rng.integers(10))]}{'PQRSTUWXYZ'[int(rng.integers(10))]}"
    area = outward.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ").rstrip("0123456789") or outward
    if where == 1:
        return f"{outward} {other}"
    if where == 2:
        return f"{area}{1 + int(rng.integers(19))} {other}"
    if where == 3:
        return (
            f"{('TR', 'CA', 'LL', 'FY', 'WF', 'RM')[int(rng.integers(6))]}{1 + int(rng.integers(15))} {other}"
        )
    return code if rng.random() < 0.8 else code.replace(" ", "").lower()


def _absent(
    rng: np.random.Generator, n: int, register: pd.DataFrame, noise: Noise, seed: int
) -> list[dict[str, object]]:
    """Write customers on no register: other companies, namesakes but for a word, people, public bodies."""
    if not n:
        return []
    known = {name_key(name) for name in register["name"]}
    others = simulate_register(n, seed=1_000_003 + seed).to_dict("records")
    rows = []
    for other in others:
        draw = rng.random()
        if draw < 0.1:
            core, form = split_form(register["name"].iloc[int(rng.integers(0, len(register)))])
            other["name"], kind = (
                f"{core}{BRANCHES[int(rng.integers(len(BRANCHES)))].upper()} {form}".strip(),
                "namesake",
            )
        elif draw < 0.2:
            other["name"], kind = _person_or_body(rng)
        else:
            kind = "not on register"
        # who has a company's very name cannot be told from it by name
        while name_key(other["name"]) in known:
            other["name"] = f"OVERSEAS {other['name']}"
        row = (
            _written(rng, other, noise, register)
            if kind not in ("individual", "public body")
            else _plain(rng, other, noise)
        )
        rows.append(row | {"number": "", "kind": kind})
    return rows


def _plain(rng: np.random.Generator, other: dict, noise: Noise) -> dict[str, object]:
    since, until = _invoiced(rng, other)
    code = _postcode(rng, other["postcode"], noise)
    return {"name": other["name"], "postcode": code, "first_invoice_on": since, "last_invoice_on": until}


def _person_or_body(rng: np.random.Generator) -> tuple[str, str]:
    place = PLACES[int(rng.integers(len(PLACES)))]
    if rng.random() < 0.6:
        first, last = (
            FORENAMES[int(rng.integers(len(FORENAMES)))],
            COMMON_SURNAMES[int(rng.integers(len(COMMON_SURNAMES)))],
        )
        return (
            f"{('Mr', 'Mrs', 'Ms', 'Dr')[int(rng.integers(4))]} {first[0] if rng.random() < 0.5 else first} {last}",
            "individual",
        )
    bodies = (
        f"{place} City Council",
        f"{place} NHS Foundation Trust",
        f"{place} Borough Council",
        f"{place} Constabulary",
    )
    return bodies[int(rng.integers(4))], "public body"
