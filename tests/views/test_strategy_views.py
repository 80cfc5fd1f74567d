"""Pictures of a plan, its key figures and a scenario say what the tables of the core say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payseg_widgets import key_figures, recommend, scenario
from payseg_widgets.strategy.risk_kpis import risk_distribution
from payseg_widgets.views.strategy_actions import actions_view, risk_distribution_view
from payseg_widgets.views.strategy_cash import scenario_view
from payseg_widgets.views.strategy_pictures import CALLED, strategy_pictures
from payseg_widgets.views.strategy_trend import figure_text, trend_view, trend_words
from payseg_widgets.widgets.strategy_rows import SPARK, spark_points
from tests import studies


@pytest.fixture(scope="module")
def study():
    return studies.study()


@pytest.fixture(scope="module")
def plan(study):
    return recommend(study)


@pytest.fixture(scope="module")
def delayed(study):
    return scenario(study.outlook.forecast, "top_delay", n=10, days=30)


def pounds(text):
    return float(text.removeprefix("GBP ").replace(",", ""))


def drawn(view, field):
    """Return the columns of the pictures' sources that have a field."""
    found = [r.data_source.data for r in view.figure.renderers if field in r.data_source.data]
    return found[0]


def test_the_fans_are_the_forecast_and_the_scenario_in_units(study, delayed):
    view = scenario_view(delayed)
    data = drawn(view, "base_expected")
    np.testing.assert_allclose(
        data["base_expected"], study.outlook.forecast.weeks["expected_minor"].iloc[:-1] / 100
    )
    np.testing.assert_allclose(data["p90"], delayed.weeks["p90_minor"].iloc[:-1] / 100)
    assert view.sentence == delayed.sentence
    table = view.table
    assert table["week beginning"].iloc[-1] == "later or never"
    assert table["change, 10% to 90%"].iloc[-1] == "–"
    told = table["if it holds"].map(pounds) - table["as forecast"].map(pounds)
    np.testing.assert_allclose(told, delayed.weeks["change_expected_minor"] / 100, atol=1.1)
    assert table["if it holds"].map(pounds).sum() == pytest.approx(
        study.outlook.forecast.balance_minor / 100, abs=8
    )


def test_bars_are_shares_of_customers_and_of_the_balance(plan):
    view = actions_view(plan)
    data = drawn(view, "share")
    counts = plan.customers["action"].value_counts()
    owed = plan.customers.groupby("action")["outstanding_minor"].sum()
    names = plan.actions.index[:-1]
    np.testing.assert_allclose(data["share"], counts.reindex(names).fillna(0) / len(plan.customers))
    np.testing.assert_allclose(data["owed"], owed.reindex(names).fillna(0) / owed.sum())
    assert view.table["customers"].astype(int).sum() == len(plan.customers)


def test_customers_are_counted_by_late_probability(plan):
    view = risk_distribution_view(risk_distribution(plan), plan.currency)
    late = plan.customers["late_probability"].dropna()
    assert view.sentence.startswith(f"{(late >= 0.5).sum()} customers of {len(late)} ")
    assert drawn(view, "n")["n"].sum() == len(late)


def test_a_trend_tells_its_ends_and_extremes():
    days = pd.to_datetime(["2024-10-31", "2024-11-30", "2024-12-31"])
    trend = pd.Series([0.2, 0.5, 0.3], index=days)
    said = "From 20.0% on 2024-10-31 to 30.0% on 2024-12-31; lowest 20.0% on 2024-10-31, highest 50.0% on 2024-11-30."
    assert trend_words(trend, "share", "GBP") == said
    view = trend_view("Overdue share", trend, "share", "GBP")
    assert view.sentence == f"Overdue share: {said}"
    assert view.table["Overdue share"].tolist() == ["20.0%", "50.0%", "30.0%"]
    money = trend_view("Outstanding", trend * 1000, "minor", "GBP")
    np.testing.assert_allclose(drawn(money, "value")["value"], [2.0, 5.0, 3.0])
    nothing = trend_view("Days", trend * np.nan, "days", "GBP")
    assert nothing.sentence == "Days: Not known of any month end."
    assert figure_text(float("nan"), "days", "GBP") == "–"


@given(st.lists(st.one_of(st.none(), st.floats(-1e12, 1e12)), min_size=1, max_size=20))
def test_a_sparkline_stays_within_its_frame_and_keeps_the_order(values):
    days = pd.date_range("2023-01-31", periods=len(values), freq="ME")
    trend = pd.Series(values, index=days, dtype=float)
    points = spark_points(trend)
    known = trend.dropna()
    assert len(points) == len(known)
    assert all(0 <= x <= SPARK[0] and 0 <= y <= SPARK[1] for x, y in points)
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    if len(known) and known.max() > known.min():
        heights = [y for _, y in points]
        assert heights[int(np.argmax(known.to_numpy()))] == min(heights)
        assert heights[int(np.argmin(known.to_numpy()))] == max(heights)


def test_there_is_a_picture_for_what_there_is(study, plan, delayed):
    figures = key_figures(study, plan)
    forecast = study.outlook.forecast
    assert list(strategy_pictures(plan, figures, delayed, forecast, figure="dso_classic")) == list(CALLED)
    assert list(strategy_pictures(plan, None, None, None)) == ["actions"]
    assert "trend" not in strategy_pictures(plan, figures, None, None, figure="high_risk_customers")
    for make in strategy_pictures(plan, figures, delayed, forecast, figure="dso_classic").values():
        view = make()
        assert len(view.table)
        assert view.sentence.endswith(".")
