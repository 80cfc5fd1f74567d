"""One small forecast and comparison for the tests of pictures and panel, made once a process."""

from __future__ import annotations

from functools import cache

from payseg_widgets import compare_forecasters, predict_payments, simulate_ledger
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.prediction.compare import ForecastComparison
from payseg_widgets.prediction.forecast import PaymentForecast

AS_OF = "2024-09-30"


@cache
def ledger() -> Ledger:
    """Return sixty invented customers."""
    return simulate_ledger(60, seed=1).ledger


@cache
def comparison() -> ForecastComparison:
    """Return the logistic regression beside the baselines."""
    return compare_forecasters(ledger().until(AS_OF), names=["logistic"])


@cache
def forecast() -> PaymentForecast:
    """Return what is expected of the invoices open on a day."""
    return predict_payments(ledger(), AS_OF, n_draws=200)
