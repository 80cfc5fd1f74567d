"""Past forecasts as pictures: they draw what the tables say, and no colour stands alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from bokeh.models import GlyphRenderer, Scatter, VBar

from payseg_widgets import forecast_outcomes
from payseg_widgets.prediction.drift import find_drift
from payseg_widgets.views.forecast_outcomes import drift_view, outcome_weeks_view
from tests.prediction.forecasts import forecast_of, ledger_of


@pytest.fixture(scope="module")
def outcomes():
    rows = [
        (str(k), f"C{k}", 10_000, "2024-04-10", 0.3, "2024-04-02", "2024-04-05", "2024-04-20")
        for k in range(3)
    ]
    forecast = forecast_of(rows, [(20_000, 5_000, 25_000), (9_000, 5_000, 12_000), (1_000, 0, 3_000)])
    invoices = [(str(k), f"C{k}", "2024-03-01", "2024-04-10", 10_000, None, None) for k in range(3)]
    paid = [
        ("0", "C0", "2024-04-03", 10_000),
        ("1", "C1", "2024-04-04", 10_000),
        ("2", "C2", "2024-04-17", 4_000),
    ]
    return forecast_outcomes(forecast, ledger_of(invoices, paid))


@pytest.fixture(scope="module")
def drift():
    days = pd.date_range("2024-01-31", periods=4, freq="30D")
    parts = [
        pd.DataFrame(
            {"as_of": day, "customer_id": np.arange(60).astype(str), "p_late": 0.3, "is_late": np.arange(60) < late,
             "overdue_on": day}
        )
        for day, late in zip(days, [18, 19, 17, 45], strict=True)
    ]  # fmt: skip
    return find_drift(pd.concat(parts), pd.Series(0.0, index=days))


def data_of(view, kind):
    return [
        r.data_source.data for r in view.figure.select({"type": GlyphRenderer}) if isinstance(r.glyph, kind)
    ]


def test_weeks_are_drawn_in_units_of_the_currency(outcomes):
    view = outcome_weeks_view(outcomes)
    band = data_of(view, VBar)[0]
    assert list(band["p10"]) == [50, 50, 0]
    assert list(band["p90"]) == [250, 120, 30]
    expected, came = data_of(view, Scatter)
    assert list(expected["expected"]) == [200, 90, 10]
    assert list(came["came"]) == [200, 0, 40]
    assert view.table["week"].tolist() == ["2024-04-01", "2024-04-08", "2024-04-15"]
    assert view.table["band"].tolist() == ["within", "outside", "outside"]


def test_weeks_outside_the_band_are_said_and_written(outcomes):
    view = outcome_weeks_view(outcomes)
    assert view.sentence == (
        "Cash lay within its band in 1 of 3 weeks; 80% of what was expected came; outside: 2024-04-08, 2024-04-15."
    )
    assert list(data_of(view, Scatter)[1]["mark"]) == ["", "outside", "outside"]
    shapes = [
        r.glyph.marker for r in view.figure.select({"type": GlyphRenderer}) if isinstance(r.glyph, Scatter)
    ]
    assert len({str(shape) for shape in shapes}) == 2


def test_weeks_that_cannot_be_judged_are_neither_in_nor_out(outcomes):
    weeks = outcomes.weeks.assign(
        came_minor=pd.array([pd.NA] * 3, "Int64"), is_within=pd.array([pd.NA] * 3, "boolean")
    )
    view = outcome_weeks_view(type(outcomes)(**{**vars(outcomes), "weeks": weeks}))
    assert view.table["band"].tolist() == ["not known"] * 3
    assert view.sentence == "No week of the forecast can be judged yet."
    none = outcome_weeks_view(type(outcomes)(**{**vars(outcomes), "weeks": weeks.iloc[:0]}))
    assert len(none.table) == 0


def test_drift_is_drawn_with_its_intervals_and_marked(drift):
    view = drift_view(drift)
    source = data_of(view, Scatter)[0]
    np.testing.assert_array_equal(source["observed"], drift.table["observed"])
    np.testing.assert_array_equal(source["conf_low"], drift.table["conf_low"])
    assert list(source["mark"]) == ["", "", "", "drift"]
    assert view.table["drift"].tolist() == ["none shown", "none shown", "none shown", "drift"]
    assert view.sentence == drift.sentence
    assert len(repr(view)) <= 110


def test_a_drift_that_nothing_was_tested_for_is_not_denied():
    day = pd.Timestamp("2024-01-31")
    nine = pd.DataFrame(
        {
            "as_of": day,
            "customer_id": np.arange(9).astype(str),
            "p_late": 0.3,
            "is_late": True,
            "overdue_on": day,
        }
    )
    view = drift_view(find_drift(nine, pd.Series({day: 0.0})))
    assert view.table["drift"].tolist() == ["too few customers (9; 10 are needed) to tell"]
    assert view.sentence == "Too few customers (9; 10 are needed) to tell whether the forecasts drift."


def test_one_week_is_told_as_one(outcomes):
    one = type(outcomes)(**{**vars(outcomes), "weeks": outcomes.weeks.iloc[:1]})
    assert outcome_weeks_view(one).sentence.startswith("Cash lay within its band in 1 of 1 week;")


def test_no_picture_calls_python(outcomes, drift):
    for view in (outcome_weeks_view(outcomes), drift_view(drift)):
        for model in view.figure.references():
            assert not model._callbacks, model
