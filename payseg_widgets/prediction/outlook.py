"""What comes in, and what the same forecast would have been worth on past days: what a report says of the weeks ahead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import pandas as pd

from payseg_widgets._cancel import CancelSignal
from payseg_widgets.errors import ForecastError
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.prediction.at_issue import features_at_issue
from payseg_widgets.prediction.backtest import Backtest, backtest
from payseg_widgets.prediction.compare import ForecastComparison, compare_forecasters
from payseg_widgets.prediction.explain import InvoiceReasons, explain_invoice
from payseg_widgets.prediction.forecast import PaymentForecast, predict_payments

#: Weeks before ``as_of`` of the past days forecast again, and the weeks they are held against.
PAST_WEEKS, _JUDGED_WEEKS = (24, 12), 8
#: Weeks of invoices that a past day must have had to learn from.
_LEARNT_WEEKS = 26
#: Beside the baselines; the quick ones.
_COMPARED = ("logistic", "boosting")
_Made = TypeVar("_Made")
#: Invoices explained, those that tie up most.
_EXPLAINED = 10


@dataclass(frozen=True, eq=False, repr=False)
class Outlook:
    """A forecast with what it would have been worth.

    Attributes
    ----------
    forecast : PaymentForecast or None
    past : Backtest or None
        Of past days, two at most; ``None`` where it was not asked for, or the ledger is too short.
    reasons : dict of str to InvoiceReasons
        Why, of the open invoices that tie up most, by ``invoice_id``.
    compared : ForecastComparison or None
        How well late invoices could be told at issue; ``None`` where it was not asked for, or there are too few.
    notes : tuple of str
        Why something is not there.
    """

    forecast: PaymentForecast | None
    past: Backtest | None = None
    reasons: dict[str, InvoiceReasons] = field(default_factory=dict)
    compared: ForecastComparison | None = None
    notes: tuple[str, ...] = ()

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is expected, and how right it was before."""
        told = [part.sentence for part in (self.forecast, self.past, self.compared) if part is not None]
        return (*told, *self.notes)

    def __repr__(self) -> str:
        made = "no forecast" if self.forecast is None else repr(self.forecast)
        return f"Outlook({made}, {0 if self.past is None else len(self.past.outcomes)} past days)"


def look_ahead(
    ledger: Ledger,
    *,
    look_back: bool = True,
    seed: int = 0,
    progress: Callable[[str, int, int], None] | None = None,
    cancel: CancelSignal | None = None,
) -> Outlook:
    """Forecast the open invoices, explain those that tie up most, forecast past days again, and judge models at issue.

    Parameters
    ----------
    ledger : Ledger
    look_back : bool
        Whether past days are forecast again and models compared.
    seed : int
    progress, cancel : optional
        As in `predict_payments`.

    Returns
    -------
    Outlook
        Without a forecast, and with the reason, where nothing is open or too little was paid.

    Raises
    ------
    Cancelled
        If ``cancel`` was set.
    """
    try:
        forecast = predict_payments(ledger, seed=seed, progress=progress, cancel=cancel)
    except ForecastError as error:
        return Outlook(None, notes=(f"No forecast: {error}",))
    most = forecast.invoices["amount_days"].nlargest(_EXPLAINED).index
    reasons = {str(name): explain_invoice(forecast, name, seed=seed) for name in most}
    if not look_back:
        return Outlook(forecast, None, reasons)
    notes: list[str] = []
    past = _noted(notes, "Past days could not be forecast", lambda: _past(ledger, seed, progress, cancel))
    compared = _noted(
        notes, "Forecasters could not be compared",
        lambda: compare_forecasters(features_at_issue(ledger), _COMPARED, seed=seed, progress=progress, cancel=cancel),
    )  # fmt: skip
    return Outlook(forecast, past, reasons, compared, tuple(notes))


def _past(
    ledger: Ledger, seed: int, progress: Callable[[str, int, int], None] | None, cancel: CancelSignal | None
) -> Backtest:
    first = ledger.invoices["issued_on"].min() + pd.Timedelta(weeks=_LEARNT_WEEKS)
    days = [ledger.as_of - pd.Timedelta(weeks=weeks) for weeks in PAST_WEEKS]
    days = [day for day in days if day >= first]
    if not days:
        raise ForecastError(f"the ledger holds less than {_LEARNT_WEEKS + min(PAST_WEEKS)} weeks.")
    return backtest(ledger, days, n_weeks=_JUDGED_WEEKS, seed=seed, progress=progress, cancel=cancel)


def _noted(notes: list[str], what: str, work: Callable[[], _Made]) -> _Made | None:
    """Return what is made, or note why it cannot be."""
    try:
        return work()
    except ForecastError as error:
        notes.append(f"{what}: {error}")
        return None
