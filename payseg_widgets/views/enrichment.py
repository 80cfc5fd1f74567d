"""What is known of the customers beyond the ledger, in a sentence and in tables: how many, where, in which trade."""

from __future__ import annotations

from typing import Any

import pandas as pd

from payseg_widgets.enrichment.answer import STATES
from payseg_widgets.enrichment.enrichment import OFFICE_CAUTION, PENDING, Enrichment
from payseg_widgets.enrichment.regions import UNKNOWN
from payseg_widgets.views.view import View

#: What customers are counted by.
BY = ("region", "sector")


def state_counts(made: Enrichment) -> dict[str, int]:
    """Return how many customers are in each state, those with none left out."""
    counts = made.counts
    return {state: int(counts[state]) for state in (*STATES, PENDING) if state in counts}


def enrichment_sentence(made: Enrichment) -> str:
    """Say how far the search is and how much is known, without a name."""
    counts = state_counts(made)
    if set(counts) == {PENDING}:
        searched = f"{len(made):,} customers; no register was asked."
    else:
        told = ", ".join(f"{n:,} {_CALLED[state]}" for state, n in counts.items())
        searched = f"{len(made):,} customers: {told}."
    return " ".join([searched, *(coverage_sentence(made, by) for by in BY)])


def coverage_sentence(made: Enrichment, by: str) -> str:
    """Say for how many customers the region or the sector is known."""
    known = int((made.table[by] != UNKNOWN).sum())
    return f"The {by} is known of {known:,} ({known / max(1, len(made)):.0%})."


def coverage_rows(made: Enrichment, by: str) -> list[list[Any]]:
    """Return for each region or sector its name, its customers, their share, and on whose word."""
    counted = made.coverage(by)
    bases = [str(name) for name in counted if name not in ("n_customers", "share")]
    rows = []
    for value, row in zip(counted.index, counted.to_dict("records"), strict=True):
        words = [f"{int(row[basis]):,} {_WORD.get(basis, basis)}" for basis in bases if row[basis]]
        rows.append([str(value), int(row["n_customers"]), float(row["share"]), ", ".join(words)])
    return rows


def enrichment_view(made: Enrichment) -> View:
    """Return counts and coverage; nobody can be recognised by them.

    Returns
    -------
    View
        Without a figure. Table ``by, value, customers, share``: the states of the search, then regions and sectors.
    """
    states = [("state", state, n, n / len(made)) for state, n in state_counts(made).items()]
    places = [(by, value, n, share) for by in BY for value, n, share, _word in coverage_rows(made, by)]
    table = pd.DataFrame([*states, *places], columns=["by", "value", "customers", "share"])
    return View("Enrichment", None, table, f"{enrichment_sentence(made)} {OFFICE_CAUTION}")


_CALLED = {
    "matched": "matched", "needs review": "to be reviewed", "no match": "without a match", "not a company": "not a company",
    "failed": "failed", PENDING: "pending",
}  # fmt: skip
_WORD = {"nobody": "on nobody's word"}
