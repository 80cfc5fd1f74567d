"""What comes in, and what the same forecast would have been worth on past days: what a report says of the weeks ahead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pandas as pd

from payseg_widgets._cancel import CancelSignal, in_parts
from payseg_widgets.errors import Cancelled, ForecastError
from payseg_widgets.features.invoices import SettledInvoices
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
_Tell = Callable[[str, int, int], None]
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
    progress : callable, optional
        Called with the step about to begin and how many hundredths of the whole are done.
    cancel : optional
        As in `predict_payments`.

    Returns
    -------
    Outlook
        Without a forecast, and with the reason, where nothing is open or too little was paid.

    Raises
    ------
    Cancelled
        If ``cancel`` was set; ``finished`` is the outlook as far as it is made, ``None`` before the forecast is.
    """
    tell = in_parts(progress, 3 if look_back else 1)
    try:
        forecast = predict_payments(ledger, seed=seed, progress=tell(0), cancel=cancel)
    except ForecastError as error:
        return Outlook(None, notes=(f"No forecast: {error}",))
    most = forecast.invoices["amount_days"].nlargest(_EXPLAINED).index
    reasons = {str(name): explain_invoice(forecast, name, seed=seed) for name in most}
    made = Outlook(forecast, None, reasons)
    if not look_back:
        return made
    try:
        made = _looked_back(made, ledger, seed, tell(1), cancel)
        return _with_models(made, ledger, seed, tell(2), cancel)
    except Cancelled as stopped:
        raise Cancelled(str(stopped), made) from stopped


def _looked_back(
    made: Outlook, ledger: Ledger, seed: int, tell: _Tell, cancel: CancelSignal | None
) -> Outlook:
    first = ledger.invoices["issued_on"].min() + pd.Timedelta(weeks=_LEARNT_WEEKS)
    days = [ledger.as_of - pd.Timedelta(weeks=weeks) for weeks in PAST_WEEKS]
    days = [
        day
        for day in days
        if day >= first and SettledInvoices.from_ledger(ledger.until(day)).outstanding.any()
    ]
    if not days:
        weeks = _LEARNT_WEEKS + min(PAST_WEEKS)
        return _noting(
            made,
            f"Past days could not be forecast: the ledger is shorter than {weeks} weeks, or nothing was open.",
        )
    try:
        past = backtest(ledger, days, n_weeks=_JUDGED_WEEKS, seed=seed, progress=tell, cancel=cancel)
    except ForecastError as error:
        return _noting(made, f"Past days could not be forecast: {error}")
    return replace(made, past=past)


def _with_models(
    made: Outlook, ledger: Ledger, seed: int, tell: _Tell, cancel: CancelSignal | None
) -> Outlook:
    try:
        at = features_at_issue(ledger)
        compared = compare_forecasters(at, _COMPARED, seed=seed, progress=tell, cancel=cancel)
    except ForecastError as error:
        return _noting(made, f"Forecasters could not be compared: {error}")
    return replace(made, compared=compared)


def _noting(made: Outlook, note: str) -> Outlook:
    return replace(made, notes=(*made.notes, note))
