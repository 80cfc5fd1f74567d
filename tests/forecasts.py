"""One small forecast and comparison for the tests of pictures and panel, made once a process."""

from __future__ import annotations

from functools import cache

from threadpoolctl import threadpool_limits

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
    with threadpool_limits(1):  # threads that wait for a shared core cost more than they bring
        return with_days(predict_payments(ledger(), AS_OF, n_draws=200))


def with_days(made: PaymentForecast) -> PaymentForecast:
    """Add expected days where the forecast has none yet."""
    if "expected_days" not in made.invoices:
        made.invoices["expected_days"] = 5 + 100 * (1 - made.invoices["p_paid_30"])
        made.invoices["amount_days"] = made.invoices["outstanding_minor"] * made.invoices["expected_days"]
    return made
