"""What a report says of the weeks ahead: the forecast, why, and how right it was, or why there is none."""

from __future__ import annotations

import pandas as pd
import pytest

from payseg_widgets import predict_payments, simulate_ledger
from payseg_widgets.errors import Cancelled
from payseg_widgets.prediction.outlook import PAST_WEEKS, look_ahead

pytestmark = pytest.mark.usefixtures("quick_forecasts")


@pytest.fixture(scope="module")
def ledger():
    return simulate_ledger(60, seed=2).ledger


def test_it_holds_the_forecast_its_reasons_and_two_past_days(ledger):
    told = look_ahead(ledger)
    alone = predict_payments(ledger)
    pd.testing.assert_frame_equal(told.forecast.invoices, alone.invoices)
    assert list(told.reasons) == alone.invoices["amount_days"].nlargest(10).index.tolist()
    past = [(ledger.as_of - one.as_of) // pd.Timedelta(weeks=1) for one in told.past.outcomes]
    assert past == list(PAST_WEEKS)
    assert told.sentences == (told.forecast.sentence, told.past.sentence, told.compared.sentence)
    assert not any(name in repr(told) for name in told.reasons)


def test_without_a_forecast_or_a_past_it_says_why(ledger):
    first = look_ahead(ledger.until("2022-01-05"))
    assert first.forecast is None
    assert "No forecast:" in first.sentences[0]
    short = look_ahead(ledger.until("2022-05-31"))
    assert short.forecast is not None
    assert short.past is None
    note = "Past days could not be forecast: the ledger is shorter than 38 weeks, or nothing was open."
    assert note in short.notes
    alone = look_ahead(ledger, look_back=False)
    assert alone.past is None
    assert alone.notes == ()
    assert all(note in alone.sentences[0] for note in alone.forecast.notes)


def test_it_stops_where_that_is_wished(ledger):
    class Stop:
        def is_set(self):
            return True

    with pytest.raises(Cancelled) as stopped:
        look_ahead(ledger, cancel=Stop())
    assert stopped.value.finished is None


def test_stopped_while_looking_back_it_keeps_the_forecast_and_progress_only_grows(ledger):
    seen = []

    class Later:
        def is_set(self):
            return bool(seen) and seen[-1] >= 34

    with pytest.raises(Cancelled) as stopped:
        look_ahead(
            ledger, progress=lambda _step, done, total: seen.append(100 * done / total), cancel=Later()
        )
    assert stopped.value.finished.forecast is not None
    assert stopped.value.finished.past is None
    assert seen == sorted(seen)
