"""Pictures of a forecast and of forecasters say what their tables say."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from bokeh.models import GlyphRenderer, VArea
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_score, recall_score

from payseg_widgets.prediction import curves
from payseg_widgets.views import forecast as of_forecast
from payseg_widgets.views import forecasters
from payseg_widgets.views.forecast import (
    MOST_DRAWN,
    ageing_ahead_view,
    cash_view,
    open_invoices_view,
    ranked_invoices,
)
from payseg_widgets.views.forecast_invoice import _seen, pay_dates_view, reasons_view
from payseg_widgets.views.forecast_pictures import CALLED, forecast_pictures
from payseg_widgets.views.forecasters import (
    CHOSEN,
    calibration_view,
    costs_view,
    forecast_months_view,
    models_view,
    precision_recall_view,
    roc_view,
)
from payseg_widgets.views.picks import PICKS
from tests import forecasts


@pytest.fixture(scope="module")
def forecast():
    return forecasts.forecast()


@pytest.fixture(scope="module")
def comparison():
    return forecasts.comparison()


def mark(view):
    data = view.figure.select_one({"name": CHOSEN}).data_source.data
    return data["x"][0], data["y"][0]


def pounds(text):
    return float(text.removeprefix("GBP ").replace(",", ""))


def test_the_fan_has_a_band_for_each_week_and_the_table_adds_up_to_the_balance(forecast):
    view = cash_view(forecast)
    [band] = [one for one in view.figure.select(GlyphRenderer) if isinstance(one.glyph, VArea)]
    data = band.data_source.data
    assert len(data["week"]) == len(forecast.weeks) - 1 == 12
    assert (np.array(data["p10"]) <= np.array(data["p90"])).all()
    assert view.table["week beginning"].tolist()[-1] == "later or never"
    assert sum(map(pounds, view.table["expected"])) == pytest.approx(forecast.balance_minor / 100, abs=10)
    assert view.table["expected"][0] in view.sentence


def test_ageing_is_drawn_now_and_in_30_days_and_what_is_left_is_said(forecast):
    view = ageing_ahead_view(forecast)
    assert sum(map(pounds, view.table["now"])) == pytest.approx(forecast.balance_minor / 100, abs=4)
    left = forecast.ageing["in_30_days_minor"].sum()
    assert f"({left / forecast.balance_minor:.0%}) is expected to be open still in 30 days" in view.sentence


def test_the_invoices_drawn_bind_most_and_the_rest_is_summed_up(forecast):
    view = open_invoices_view(forecast)
    invoices = forecast.invoices
    weights = (invoices["outstanding_minor"] * invoices["expected_days"]).sort_values(ascending=False)
    assert view.table["invoice"].tolist() == weights.index[:MOST_DRAWN].tolist()
    share = weights.iloc[MOST_DRAWN:].sum() / weights.sum()
    assert view.sentence.endswith(f"and {share:.0%}.")
    assert f"the other {len(invoices) - MOST_DRAWN} come to GBP " in view.sentence
    third = view.table["invoice"][2]
    source = open_invoices_view(forecast, third).figure.select_one({"name": PICKS}).data_source
    assert source.selected.indices == [2]


def test_few_invoices_leave_no_rest(forecast):
    few = replace(forecast, invoices=forecast.invoices.head(3))
    assert open_invoices_view(few).sentence == "All 3 open invoices are drawn."
    one, but_one = (replace(forecast, invoices=forecast.invoices.head(n)) for n in (1, MOST_DRAWN + 1))
    assert open_invoices_view(one).sentence == "The one open invoice is drawn."
    assert "; the other one comes to GBP " in open_invoices_view(but_one).sentence
    week = replace(forecast, weeks=forecast.weeks.iloc[[0, -1]])
    assert cash_view(week).sentence.endswith("after the 1 week drawn, or never.")
    assert ranked_invoices(few)["amount_days"].is_monotonic_decreasing


def reasons(points, typical):
    table = pd.DataFrame({"points": points}, index=[f"Reason {k}" for k in range(len(points))])
    return SimpleNamespace(
        table=table, typical=typical, chance=typical + sum(points) / 100, what="late", sentence="It is so."
    )


@settings(max_examples=25)
@given(st.lists(st.floats(-40, 40), max_size=6), st.floats(0, 1))
def test_reasons_lead_from_the_typical_chance_to_that_of_the_invoice_without_a_gap(points, typical):
    told = reasons(points, typical)
    view = reasons_view(told)
    data = view.figure.select_one(GlyphRenderer).data_source.data
    left, right = np.array(data["left"]), np.array(data["right"])
    assert right[0] == pytest.approx(100 * typical)
    assert left[1:-1] == pytest.approx(right[:-2])
    assert right[-2] == pytest.approx(100 * told.chance)
    assert right[-1] == pytest.approx(100 * told.chance)
    assert view.figure.x_range.start <= min(left.min(), right.min())
    assert view.figure.x_range.end > max(left.max(), right.max())


def test_the_days_marked_are_those_of_the_forecast_and_what_cannot_be_told_is_said(forecast):
    invoice = forecast.invoices.index[forecast.invoices["paid_q90"].notna()][0]
    row = forecast.invoices.loc[invoice]
    curve = pd.DataFrame({"p_paid": [0.0, 1.0]}, index=pd.DatetimeIndex(["2024-10-01", "2025-03-01"]))
    view = pay_dates_view(forecast, invoice, curve)
    assert view.table["paid by"].tolist() == [
        f"{row[name]:%Y-%m-%d}" for name in ("paid_q10", "paid_q50", "paid_q90")
    ]
    never = forecast.invoices.copy()
    never.loc[invoice, "paid_q90"] = pd.NaT
    view = pay_dates_view(replace(forecast, invoices=never), invoice, curve)
    assert view.table["paid by"].tolist()[2] == "later than can be told"
    assert "90% by later than can be told" in view.sentence


def test_the_days_drawn_reach_well_beyond_the_last_one_marked():
    curve = pd.DataFrame({"p_paid": [0.0, 1.0]}, index=pd.DatetimeIndex(["2024-10-01", "2025-03-01"]))
    for nearly, end in (("2024-10-31", "2024-11-30"), ("2024-10-02", "2024-10-15"), (pd.NaT, "2025-03-01")):
        assert _seen(curve, pd.Timestamp(nearly)) == (curve.index[0], pd.Timestamp(end))


@pytest.mark.parametrize("threshold", [0.0, 0.2, 0.55, 1.0])
def test_the_threshold_is_marked_where_scikit_learn_puts_it(comparison, threshold):
    judged = comparison.probabilities
    is_late, flagged = judged["is_late"].to_numpy(), (judged["logistic"] >= threshold).to_numpy()
    x, y = mark(roc_view(comparison, "logistic", threshold))
    recall = recall_score(is_late, flagged)
    assert (x, y) == pytest.approx((recall_score(~is_late, flagged), recall))
    x, y = mark(precision_recall_view(comparison, "logistic", threshold))
    assert x == pytest.approx(recall)
    if flagged.any():
        assert y == pytest.approx(precision_score(is_late, flagged))
    x, y = mark(costs_view(comparison, "logistic", threshold, cost_of_missing=3, cost_of_flagging=2))
    assert x == threshold
    assert y == 3 * (is_late & ~flagged).sum() + 2 * (~is_late & flagged).sum()


def test_the_cheapest_threshold_of_the_sample_is_said_with_a_caution(comparison):
    view = costs_view(comparison, "logistic", 0.5, cost_of_missing=4, cost_of_flagging=1)
    judged = comparison.probabilities
    p, is_late = judged["logistic"].to_numpy(), judged["is_late"].to_numpy()
    costs = [4 * (is_late & (p < t)).sum() + (~is_late & (p >= t)).sum() for t in np.unique(p)]
    assert f"would have been cheapest, with {min(costs):,.0f}. " in view.sentence
    assert "go by the costs, not by the lowest point" in view.sentence


def test_calibration_says_how_many_tenths_are_as_told(comparison):
    view = calibration_view(comparison, "logistic")
    inside = view.table["predicted"].between(view.table["conf_low"], view.table["conf_high"]).sum()
    assert view.sentence.startswith(f"In {inside} of 10 tenths the chance told lies within")
    assert view.table["n_invoices"].sum() == comparison.n_judged


def test_models_are_drawn_with_the_best_by_error_on_top_and_one_may_be_picked(comparison):
    view = models_view(comparison, "own_history")
    auc, gain = view.figure.children
    assert auc.y_range.factors[::-1] == comparison.table.sort_values("brier")["label"].tolist()
    source = auc.select_one({"name": PICKS}).data_source
    assert gain.select_one({"name": PICKS}).data_source is source
    assert [source.data["model"][k] for k in source.selected.indices] == ["own_history"]
    assert dict(zip(source.data["model"], source.data["marker"], strict=True))["logistic"] == "circle"
    assert view.sentence == comparison.sentence


def test_months_that_drift_are_marked_by_shape_and_by_text(comparison, monkeypatch):
    drawn = forecast_months_view(comparison, "logistic")
    issued = pd.DatetimeIndex(comparison.probabilities["issued_on"])
    assert drawn.table["month"].tolist() == sorted(issued.strftime("%Y-%m").unique())
    assert drawn.table["n_invoices"].sum() == comparison.n_judged

    def drifts(*judged):
        made = curves.by_month(*judged)
        return made.assign(is_drifting=np.arange(len(made)) == 1)

    monkeypatch.setattr(forecasters, "by_month", drifts)
    view = forecast_months_view(comparison, "logistic")
    month = drawn.table["month"][1]
    assert (
        view.sentence
        == f"In 1 of {len(drawn.table)} months what was told drifts from what was seen: {month}."
    )
    [diamond] = [one for one in view.figure.select(GlyphRenderer) if getattr(one.glyph, "size", 0) == 18]
    assert diamond.data_source.data["month"].tolist() == [month]
    assert diamond.data_source.data["text"] == ["drift"]
    monkeypatch.setattr(
        forecasters, "by_month", lambda *judged: curves.by_month(*judged).assign(is_drifting=False)
    )
    assert forecast_months_view(comparison, "logistic").sentence.startswith("In none of ")


@pytest.mark.parametrize(
    ("n_customers", "conf_low", "says"),
    [
        ([9, 40, 40, 40, 2], [None, 0.1, 0.1, 0.1, None],
         "In none of 3 months that could be judged does what was told drift from what was seen; 2 had too few customers."),
        ([40, 40, 3], [0.1, None, None],
         "In the 1 month that could be judged what was told does not drift from what was seen; 1 had too few customers; in 1 "
         "all customers paid alike."),
        ([9, 4], [None, None],
         "Too few customers (9; 10 are needed) to tell whether what was told drifts from what was seen."),
        ([40, 4], [None, None],
         "In no month can it be told whether what was told drifts from what was seen: 1 had too few customers; in 1 all "
         "customers paid alike."),
        ([40, 40], [0.1, 0.1], "In none of 2 months does what was told drift from what was seen."),
    ],
)  # fmt: skip
def test_months_that_cannot_be_judged_are_not_counted_as_holding(n_customers, conf_low, says):
    table = pd.DataFrame({"month": "2024-01", "n_customers": n_customers, "is_drifting": False})
    table["conf_low"] = pd.Series(conf_low, dtype=float)
    assert forecasters._months_sentence(table) == says


def test_a_month_of_too_few_customers_is_told_so_in_the_table(comparison):
    judged = comparison.probabilities
    first = judged["issued_on"].dt.to_period("M") == judged["issued_on"].min().to_period("M")
    nine = judged["customer_id"].unique()[:9]
    few = replace(comparison, probabilities=judged[~first | judged["customer_id"].isin(nine)])
    view = forecast_months_view(few, "logistic")
    n = few.probabilities["customer_id"][first].nunique()
    assert view.table["drift"][0] == f"too few customers ({n}; 10 are needed) to tell"
    assert "; 1 had too few customers" in view.sentence


def test_where_all_chances_are_alike_there_is_no_slope(comparison):
    sentence = calibration_view(comparison, "base_rate").sentence
    assert "no calibration slope: all chances are alike" in sentence
    assert "nan" not in sentence


def test_each_picture_there_is_has_a_name_a_table_and_a_sentence(comparison, forecast):
    invoice = forecast.invoices.index[0]
    told = reasons([10.0], 0.3)
    told.curve = pd.DataFrame({"p_paid": [0.0, 1.0]}, index=pd.DatetimeIndex(["2024-10-01", "2025-03-01"]))
    there = forecast_pictures(comparison, forecast, model="logistic", invoice=invoice, reasons=told)
    assert list(there) == list(CALLED)
    for draw in there.values():
        view = draw()
        assert len(view.table)
        assert view.sentence.endswith(".")
    assert list(forecast_pictures(None, forecast)) == ["cash", "ageing", "open"]
    assert list(forecast_pictures(comparison, None)) == ["models"]
    assert forecast_pictures(None, None) == {}


def test_a_long_curve_is_drawn_thinned_with_its_ends():
    table = pd.DataFrame({"x": np.arange(10_000)})
    thin = forecasters._thinned(table, 400)
    assert len(thin) == 400
    assert thin["x"].iloc[[0, -1]].tolist() == [0, 9_999]
    assert forecasters._thinned(table.head(3), 400).equals(table.head(3))


def test_money_is_told_in_the_currency_of_the_ledger(forecast):
    yen = replace(forecast, currency="JPY")
    assert f"Of JPY {forecast.balance_minor:,} open now" in ageing_ahead_view(yen).sentence
    assert of_forecast._currency(replace(forecast, currency="XXX")) == ""
