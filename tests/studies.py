"""One small study with a forecast for the tests of the strategy board, made once a process."""

from __future__ import annotations

from functools import cache

from payseg_widgets import Outlook, Strategy, Study, compute_features, segment
from tests import forecasts


@cache
def study() -> Study:
    """Return sixty invented customers in three segments, with the forecast of their open invoices."""
    ledger = forecasts.ledger().until(forecasts.AS_OF)
    features = compute_features(ledger)
    made = segment(features, n_segments=3, compare=False)
    return Study(ledger, features, made, {}, {}, Outlook(forecasts.forecast()), Strategy(None))
