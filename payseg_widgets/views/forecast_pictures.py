"""Which pictures a forecast and a comparison of forecasters have to show."""

from __future__ import annotations

from collections.abc import Callable

from payseg_widgets.prediction.compare import ForecastComparison
from payseg_widgets.prediction.explain import InvoiceReasons
from payseg_widgets.prediction.forecast import PaymentForecast
from payseg_widgets.views.forecast import (
    ageing_ahead_view,
    cash_view,
    open_invoices_view,
)
from payseg_widgets.views.forecast_invoice import pay_dates_view, reasons_view
from payseg_widgets.views.forecasters import (
    calibration_view,
    costs_view,
    forecast_months_view,
    models_view,
    precision_recall_view,
    roc_view,
)
from payseg_widgets.views.view import View

#: What each picture is called on a button.
CALLED = {
    "cash": "Cash by week", "ageing": "Ageing", "open": "Open invoices", "reasons": "Why this chance", "dates": "When it is paid",
    "models": "Models", "roc": "ROC curve", "precision": "Precision and recall", "calibration": "Calibration",
    "costs": "Cost by threshold", "months": "Month by month",
}  # fmt: skip


def forecast_pictures(
    comparison: ForecastComparison | None,
    forecast: PaymentForecast | None,
    *,
    model: str = "",
    threshold: float = 0.5,
    cost_of_missing: float = 1.0,
    cost_of_flagging: float = 1.0,
    invoice: str = "",
    reasons: InvoiceReasons | None = None,
) -> dict[str, Callable[[], View]]:
    """Return what draws each picture that there is.

    Parameters
    ----------
    comparison : ForecastComparison or None
    forecast : PaymentForecast or None
    model : str
        The forecaster picked; empty for none.
    threshold, cost_of_missing, cost_of_flagging : float
    invoice : str
        The one picked; empty for none.
    reasons : InvoiceReasons, optional
        Of that invoice.
    """
    found: dict[str, Callable[[], View]] = {}
    if forecast is not None:
        found["cash"] = lambda: cash_view(forecast)
        found["ageing"] = lambda: ageing_ahead_view(forecast)
        found["open"] = lambda: open_invoices_view(forecast, invoice)
    if forecast is not None and invoice and reasons is not None:
        found["reasons"] = lambda: reasons_view(reasons)
        found["dates"] = lambda: pay_dates_view(forecast, invoice, reasons.curve)
    if comparison is not None:
        found["models"] = lambda: models_view(comparison, model)
    if comparison is not None and model:
        costs = {"cost_of_missing": cost_of_missing, "cost_of_flagging": cost_of_flagging}
        found["roc"] = lambda: roc_view(comparison, model, threshold)
        found["precision"] = lambda: precision_recall_view(comparison, model, threshold)
        found["calibration"] = lambda: calibration_view(comparison, model)
        found["costs"] = lambda: costs_view(comparison, model, threshold, **costs)
        found["months"] = lambda: forecast_months_view(comparison, model)
    return found
