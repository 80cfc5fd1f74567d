"""Match the customers of a ledger to the companies of a register, without any network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from payseg_widgets._cancel import CancelSignal
from payseg_widgets.enrichment.answer import Answer, candidate_table
from payseg_widgets.enrichment.company import CustomerRecord
from payseg_widgets.enrichment.matcher import Matcher
from payseg_widgets.enrichment.name_index import NameIndex
from payseg_widgets.enrichment.records import customer_records
from payseg_widgets.enrichment.register import Register
from payseg_widgets.enrichment.scorer import Scorer
from payseg_widgets.errors import Cancelled, EnrichmentError

OUTCOMES = ("matched", "needs review", "no match", "not a company")
#: Customers that are searched and scored together.
_BATCH = 200


@dataclass(frozen=True, repr=False)
class Matches:
    """Which company each customer is.

    Attributes
    ----------
    table : DataFrame
        One row for each customer: ``customer_id``; ``outcome``, one of `OUTCOMES`; ``company_number``, missing unless
        matched; ``probability`` of the likeliest candidate, missing where there is none; ``reason``.
    candidates : DataFrame
        The three likeliest of each customer: see `payseg_widgets.enrichment.answer.candidate_table`.
    accept_precision : float
        Share of the matched that shall be right.
    accept_from : float
        The probability this takes by name alone; with a postcode less will do.
    """

    table: pd.DataFrame
    candidates: pd.DataFrame
    accept_precision: float
    accept_from: float

    def __repr__(self) -> str:
        counts = self.table["outcome"].value_counts()
        told = ", ".join(f"{counts[name]:,} {name}" for name in OUTCOMES if name in counts)
        return f"Matches({told or 'no customers'})"


def match_names(
    customers: pd.DataFrame | Sequence[CustomerRecord],
    register: Register | NameIndex,
    *,
    k: int = 30,
    accept_precision: float = 0.995,
    scorer: Scorer | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    cancel: CancelSignal | None = None,
) -> Matches:
    """Find the company that each customer is.

    A company number of the ledger decides, unless the name contradicts it. Else candidates come from the index of names,
    current and former, and from the customer's postcode; name, postcode, legal form and dates give each a probability.
    Customers that name several companies are left to the reviewer. People and public bodies are no companies.

    Parameters
    ----------
    customers : DataFrame or sequence of CustomerRecord
        Columns ``customer_id``, ``name``; optional the other fields of `CustomerRecord`.
    register : Register or NameIndex
        A `NameIndex` that is open already is used as it is.
    k : int
        Candidates the index is asked for.
    accept_precision : float
        Share of the matched that shall be right.
    scorer : Scorer, optional
        By default the shipped one.
    progress : callable, optional
        Called as ``progress("match", done, total)``.
    cancel : threading.Event or alike, optional

    Returns
    -------
    Matches

    Raises
    ------
    EnrichmentError
        If a column is missing, a customer stands twice, or the precision cannot be promised.
    Cancelled
        If asked to stop; ``finished`` is the `Matches` of the customers done.

    Examples
    --------
    >>> import tempfile
    >>> from payseg_widgets.enrichment.company import Company
    >>> from payseg_widgets.enrichment.register import write_register
    >>> register = write_register(
    ...     [Company("00000001", "ZEPHYRINE BRASSWARE LIMITED", postcode="LS1 1AA")], tempfile.mkdtemp()
    ... )
    >>> match_names([CustomerRecord("1", "Zephyrine Brassware Ltd", postcode="LS1 1AA")], register)
    Matches(1 matched)
    """
    if k < 1:
        raise EnrichmentError(f"k={k!r} candidates cannot be asked for; give 1 or more.")
    records = customer_records(customers) if isinstance(customers, pd.DataFrame) else list(customers)
    if twice := len(records) - len({record.customer_id for record in records}):
        raise EnrichmentError(f"{twice} customers stand more than once. Keep one row for each customer_id.")
    matcher = Matcher("register", accept_precision=accept_precision, scorer=scorer)
    index = register if isinstance(register, NameIndex) else NameIndex(register)
    answers: list[Answer] = []
    for start in range(0, len(records), _BATCH):
        if cancel is not None and cancel.is_set():
            raise Cancelled(
                f"match_names() was stopped after {start:,} of {len(records):,} customers.",
                finished=_matches(answers, accept_precision, matcher.accept_from),
            )
        batch = records[start : start + _BATCH]
        answers += [answer for _, answer in matcher.from_register(batch, index, k=k, is_whole=False)]
        if progress is not None:
            progress("match", start + len(batch), len(records))
    return _matches(answers, accept_precision, matcher.accept_from)


def _matches(answers: Sequence[Answer], precision: float, accept_from: float) -> Matches:
    table = pd.DataFrame(
        {
            "customer_id": pd.Series([a.customer_id for a in answers], dtype="str"),
            "outcome": pd.Series([a.state for a in answers], dtype="str"),
            "company_number": pd.Series(
                [a.company.number if a.company else None for a in answers], dtype="str"
            ),
            "probability": pd.Series(
                [a.candidates[0].probability if a.candidates else np.nan for a in answers], dtype="float64"
            ),
            "reason": pd.Series([a.reason for a in answers], dtype="str"),
        }
    )
    return Matches(table, candidate_table(answers), precision, accept_from)
