"""`ForecastPanel`: runs as the core does, counts what a threshold does, and leads from an invoice to its customer."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from payseg_widgets import (
    Cancelled,
    ClusterExplorer,
    ForecastError,
    ForecastPanel,
    Selection,
    UnknownNameError,
    compare_forecasters,
    compute_features,
    predict_payments,
    segment,
)
from payseg_widgets.prediction.explain import explain_invoice
from payseg_widgets.prediction.scores import cheapest_threshold
from payseg_widgets.views.forecast import ranked_invoices
from payseg_widgets.views.forecasters import CHOSEN
from payseg_widgets.widgets import forecast_panel as module
from payseg_widgets.widgets.forecast_rows import MOST_LISTED, _invoice_row
from tests import forecasts
from tests.widgets.test_feature_selector import told

EVIL = "<script>window.hacked=1</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def ledger():
    return forecasts.ledger()


@pytest.fixture(scope="module")
def comparison():
    return forecasts.comparison()


@pytest.fixture(scope="module")
def forecast():
    return forecasts.forecast()


@pytest.fixture
def panel(ledger, comparison, forecast):
    return ForecastPanel(ledger, as_of=forecasts.AS_OF, comparison=comparison, forecast=forecast)


@pytest.fixture
def quick(monkeypatch):
    """Runs of the core with one model and few draws."""
    monkeypatch.setattr(
        module, "compare_forecasters", lambda of, **run: compare_forecasters(of, ["logistic"], **run)
    )
    monkeypatch.setattr(module, "predict_payments", few_draws)


def few_draws(ledger, **run):
    with threadpool_limits(1):  # see tests.forecasts
        return predict_payments(ledger, n_draws=200, **run)


def ask(panel, kind):
    panel.table._handle_msg(
        {"content": {"data": {"method": "custom", "content": {"kind": kind}}}, "buffers": []}
    )


def test_a_run_gives_what_the_core_gives_as_of_the_day(ledger, comparison, forecast, quick):
    panel = ForecastPanel(ledger, as_of=forecasts.AS_OF)
    pd.testing.assert_frame_equal(panel.wait(120).weeks, forecast.weeks)
    pd.testing.assert_frame_equal(panel.comparison.table, comparison.table)
    assert panel.table.message == f"{len(forecast.invoices)} open invoices forecast; 3 models compared."
    assert panel.table._models["sentence"] == comparison.sentence
    assert (
        repr(panel) == f"ForecastPanel(3 models, {len(forecast.invoices)} open invoices, threshold=0.2, idle)"
    )


def test_what_is_given_is_not_made_again(ledger, comparison, forecast, monkeypatch):
    monkeypatch.setattr(module, "predict_payments", None)
    monkeypatch.setattr(module, "compare_forecasters", None)
    panel = ForecastPanel(ledger, comparison=comparison, forecast=forecast)
    assert panel.table.state == "idle"
    assert panel.wait(5) is forecast


def test_the_best_by_error_is_looked_at_until_another_is_picked(panel, comparison, loud_callbacks):
    best = comparison.table["brier"].idxmin()
    assert panel.model == best
    told(panel.table, model="base_rate")
    assert panel.model == "base_rate"
    told(panel.table, model="crystal_ball")
    assert isinstance(loud_callbacks.pop(), UnknownNameError)
    assert panel.model == panel.table.model == "base_rate"
    with pytest.raises(UnknownNameError, match="Compared: "):
        panel.model = "crystal_ball"
    panel.model = ""
    assert panel.model == best


def test_customers_with_and_without_invoices_before_are_told_apart(panel, comparison):
    row = comparison.table.loc["logistic"]
    panel.model = "logistic"
    said = panel.table._judging["apart"]
    assert f"AUC {row['auc_known']:.3f} on customers with invoices before" in said
    unjudged = replace(comparison, table=comparison.table.assign(auc_new=np.nan))
    panel.comparison = unjudged
    assert "no new customers to judge it on" in panel.table._judging["apart"]


def test_what_a_threshold_flags_is_counted_as_by_hand(panel, comparison, forecast):
    panel.model = "logistic"
    counts, judged = panel.table._judging, comparison.probabilities
    assert counts["n_late"] + counts["n_timely"] == comparison.n_judged
    chances = forecast.invoices["p_late"]
    for k in (0, 7, 20, 29, 57, 100):
        flagged = judged["logistic"] >= k / 100
        assert counts["late"][k] == (flagged & judged["is_late"]).sum()
        assert counts["timely"][k] == (flagged & ~judged["is_late"]).sum()
        assert counts["open"][k] == ((chances >= k / 100) & (chances < 1)).sum()


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(0.01, 1e6), st.floats(0.01, 1e6))
def test_the_threshold_goes_with_the_costs(panel, missing, flagging):
    told(panel.table, cost_of_missing=missing)
    told(panel.table, cost_of_flagging=flagging)
    wanted = cheapest_threshold(missing, flagging)
    assert 0.01 <= panel.threshold <= 0.99
    if 0.01 <= wanted <= 0.99:
        assert panel.threshold == round(wanted, 2)


@pytest.mark.parametrize(("missing", "flagging", "wanted"), [(500, 1, 0.01), (1, 500, 0.99)])
def test_costs_that_are_far_apart_leave_a_choice(panel, missing, flagging, wanted):
    panel.cost_of_missing, panel.cost_of_flagging = missing, flagging
    assert panel.threshold == panel.table.cheapest == wanted
    panel.cost_of_missing = panel.cost_of_flagging = 1
    assert panel.threshold == 0.5  # it still goes with them


def test_a_threshold_moved_by_hand_stays_until_it_is_put_back(panel):
    assert panel.threshold == 0.2
    told(panel.table, threshold=0.35)
    told(panel.table, cost_of_missing=9)
    assert panel.threshold == 0.35
    panel.threshold = 0.1  # what the costs make cheapest
    panel.cost_of_missing = 1
    assert panel.threshold == 0.5


@pytest.mark.parametrize(
    ("name", "wrong", "says"),
    [
        ("threshold", 1.5, "from 0 to 1"), ("threshold", "high", "from 0 to 1"), ("cost_of_missing", 0, "positive number"),
        ("cost_of_flagging", -2, "positive number"), ("cost_of_flagging", float("nan"), "positive number"),
        ("cost_of_missing", None, "positive number"),
    ],
)  # fmt: skip
def test_a_wrong_figure_is_refused_and_what_was_there_stays(panel, loud_callbacks, name, wrong, says):
    before = getattr(panel, name)
    told(panel.table, **{name: wrong})
    assert says in str(loud_callbacks.pop())
    with pytest.raises(ForecastError, match=name):
        setattr(panel, name, wrong)
    assert getattr(panel, name) == getattr(panel.table, name) == before
    with pytest.raises(ForecastError, match=name):
        ForecastPanel(panel.ledger, start=False, **{name: wrong})


def test_open_invoices_are_ranked_by_amount_and_time_and_the_rest_is_counted(panel, forecast):
    shown, ranked = panel.table._open, ranked_invoices(forecast)
    assert [row["name"] for row in shown["rows"]] == ranked.index[:MOST_LISTED].tolist()
    assert f"{len(ranked) - MOST_LISTED} more, GBP " in shown["notes"]
    row = ranked.iloc[0]
    assert shown["rows"][0]["cells"][:3] == [
        row["customer_id"], f"GBP {row['outstanding_minor'] / 100:,.0f}", str(row["days_past_due"])
    ]  # fmt: skip


def test_an_invoice_picked_is_explained_and_its_customer_selected(
    ledger, comparison, forecast, loud_callbacks
):
    features = compute_features(ledger)
    explorer = ClusterExplorer(features, segment(features, n_segments=2, compare=False))
    panel = ForecastPanel(ledger, comparison=comparison, forecast=forecast, explorer=explorer)
    brushed = Selection.parse("mean_days_late > 5")
    explorer.selection = brushed
    invoice = forecast.invoices.index[3]
    told(panel.table, invoice=invoice)
    customer = forecast.invoices["customer_id"][invoice]
    assert explorer.selected.index.tolist() == [customer]
    assert panel.selection == explorer.selection
    wanted = explain_invoice(forecast, invoice)
    assert wanted.sentence in panel.table._told["sentences"]
    assert [name for name, _ in panel.table._told["reasons"]] == wanted.table.index.tolist()
    assert [name for name, _ in panel.table._told["pictures"]][3:5] == ["reasons", "dates"]
    panel.picture = "reasons"
    told(panel.table, invoice="")
    assert explorer.selected.empty
    assert panel.picture == "cash"  # nothing is picked that could be explained
    told(panel.table, invoice="no such number")
    assert isinstance(loud_callbacks.pop(), UnknownNameError)
    explorer.selection = brushed
    panel.invoice = ""
    assert explorer.selection == brushed


def test_what_lies_beyond_what_can_be_told_is_said_of_an_invoice(panel, forecast):
    first, second, third = forecast.invoices.index[:3]
    day = pd.Timestamp("2024-10-20")
    days = forecast.invoices.assign(paid_q10=day, paid_q50=day, paid_q90=day)
    days.loc[second, "paid_q90"] = pd.NaT
    days.loc[third, ["paid_q10", "paid_q50", "paid_q90"]] = pd.NaT
    panel.forecast = replace(forecast, invoices=days)
    for invoice, wanted in (
        (first, "10% by 2024-10-20, 50% by 2024-10-20, 90% by 2024-10-20."),
        (second, "50% by 2024-10-20; more than that only later than can be told."),
        (third, "It is paid later than can be told, if at all."),
    ):
        panel.invoice = invoice
        assert panel.table._told["sentences"][0].endswith(wanted)


def test_every_picture_there_is_can_be_shown_with_its_figures_below(panel, forecast):
    panel.invoice = forecast.invoices.index[0]
    shown = set()
    for name, _ in panel.table._told["pictures"]:
        told(panel.table, picture=name)
        view = panel.children[1]._view
        shown.add(view.title)
        assert panel.children[2].sentence == view.sentence
        assert panel.children[2].rows.count("<tr") == len(view.table) + 1
    assert len(shown) == len(panel.table._told["pictures"]) == 11


@pytest.mark.parametrize("picture", ["roc", "precision", "costs"])
def test_the_threshold_moves_in_the_picture_that_stays(panel, picture):
    told(panel.table, picture=picture)
    pane, before = panel.children[1], panel.children[2].sentence
    told(panel.table, threshold=0.6)
    data = pane._root.select_one({"name": CHOSEN}).data_source.data
    wanted = panel.table.pictures()[picture]().figure.select_one({"name": CHOSEN}).data_source.data
    assert dict(data) == dict(wanted)
    assert panel.children[1] is pane
    assert "At 60%" in panel.children[2].sentence != before


def test_marks_clicked_pick_an_invoice_or_a_model_and_clicked_again_let_go(panel, comparison):
    panel.picture = "open"
    pane, source = panel.children[1], panel._source
    source.selected.indices = [2]
    assert panel.invoice == source.data["invoice"][2]
    source.selected.indices = []
    assert panel.invoice == ""
    assert panel.children[1] is pane
    panel.picture = "models"
    row = list(panel._source.data["model"]).index("base_rate")
    panel._source.selected.indices = [row]
    assert panel.model == "base_rate"
    assert panel._source.selected.indices == [row]


def test_cancelled_what_is_done_is_kept(ledger, forecast, monkeypatch):
    begun = threading.Event()

    def slow(_of, *, progress, cancel, **_run):
        progress("Logistic regression", 0, 5)
        begun.set()
        while not cancel.is_set():
            time.sleep(0.01)
        raise Cancelled("stopped")

    monkeypatch.setattr(module, "predict_payments", lambda _of, **_run: forecast)
    monkeypatch.setattr(module, "compare_forecasters", slow)
    panel = ForecastPanel(ledger, start=False)
    ask(panel, "start")
    assert begun.wait(20)
    ask(panel, "cancel")
    assert panel.wait(20) is forecast
    assert panel.comparison is None
    assert panel.table.message == f"Cancelled. {len(forecast.invoices)} open invoices forecast."
    assert panel.picture == "cash"
    assert panel._pane is not None


def test_what_cannot_be_made_is_said_and_the_other_is_shown(ledger, comparison, monkeypatch):
    def refuses(_of, **_run):
        raise ForecastError("no invoice is open on 2024-09-30: there is nothing to forecast.")

    monkeypatch.setattr(module, "predict_payments", refuses)
    monkeypatch.setattr(module, "compare_forecasters", lambda _of, **_run: comparison)
    panel = ForecastPanel(ledger)
    with pytest.raises(ForecastError, match="no invoice is open"):
        panel.wait(20)
    assert panel.table.state == "idle"
    assert panel.table.message == (
        "3 models compared; payments could not be forecast: no invoice is open on 2024-09-30: there is nothing to forecast."
    )
    assert panel.comparison is comparison
    assert panel.picture == "models"
    assert panel.as_view().sentence == comparison.sentence
    with pytest.raises(ForecastError, match="not of a str"):
        ForecastPanel("ledger.csv")


@pytest.mark.parametrize("is_given", [True, False])
def test_a_forecast_is_kept_and_returned_where_models_cannot_be_compared(
    ledger, forecast, monkeypatch, is_given
):
    def refuses(_of, **_run):
        raise ForecastError("after 2024-08-31 there are 34 late invoices and 13 in time; 20 are needed.")

    few = replace(forecast, invoices=forecast.invoices.head(3), seen=forecast.seen.take(np.arange(3)))
    monkeypatch.setattr(module, "predict_payments", lambda _of, **_run: few)
    monkeypatch.setattr(module, "compare_forecasters", refuses)
    panel = ForecastPanel(ledger, forecast=few if is_given else None)
    assert panel.wait(20) is few
    assert (panel.table.state, panel.table.error) == ("idle", None)
    assert panel.table.message == (
        "3 open invoices forecast; models could not be compared: after 2024-08-31 there are 34 late invoices and 13 in time; 20 "
        "are needed."
    )
    assert panel.picture == "cash"


def test_where_nothing_can_be_made_the_run_has_failed(ledger, forecast, monkeypatch):
    def refuses(_of, **_run):
        raise ForecastError("no invoice is open.")

    monkeypatch.setattr(module, "predict_payments", refuses)
    monkeypatch.setattr(module, "compare_forecasters", refuses)
    panel = ForecastPanel(ledger, forecast=forecast, start=False)
    panel.table.start()  # what was there before is not of this run
    with pytest.raises(ForecastError, match="no invoice is open"):
        panel.wait(20)
    assert panel.table.state == "failed"


def test_of_one_it_is_told_as_of_one(ledger, comparison, forecast):
    one = replace(forecast, invoices=forecast.invoices.head(1), seen=forecast.seen.take(np.array([0])))
    single = replace(comparison, table=comparison.table.head(1))
    panel = ForecastPanel(ledger, comparison=single, forecast=one)
    assert panel.table.message == "1 open invoice forecast; 1 model compared."
    assert repr(panel).startswith("ForecastPanel(1 model, 1 open invoice, ")
    rows = ranked_invoices(forecast).assign(is_late=True, days_past_due=1, expected_days=1.2)
    assert _invoice_row("A", dict(rows.iloc[0]), "GBP", False)["cells"][3] == "1 day"


def test_an_invoice_whose_last_day_of_grace_has_passed_unpaid_will_be_late(ledger, comparison, forecast):
    """It is late from the day after: it counts among those not late yet, and is flagged at any threshold."""
    seen = forecast.seen
    days = (
        np.arange(len(seen.due)) % 3 - 1 + seen.overdue_on - seen.due
    )  # the day before, the first day late, the next
    invoices = forecast.invoices.assign(days_past_due=days, p_late=1.0)
    panel = ForecastPanel(ledger, comparison=comparison, forecast=replace(forecast, invoices=invoices))
    is_late = pd.Series(np.arange(len(days)) % 3 > 0, index=invoices.index)
    for row in panel.table._open["rows"]:
        assert row["cells"][3] == ("is late" if is_late[row["name"]] else "will be late")
    assert panel.table._judging["n_open"] == panel.table._judging["open"][100] == (~is_late).sum()


def test_nothing_is_there_before_it_is_asked_for(ledger):
    panel = ForecastPanel(ledger, start=False)
    assert panel.children == (panel.table,)
    assert "Nothing is forecast yet." in panel._repr_mimebundle_()["text/html"]
    assert repr(panel) == "ForecastPanel(no models, no forecast, threshold=0.2, idle)"
    panel.cancel()
    assert panel.to_code() == f"seen = ledger.until('{ledger.as_of:%Y-%m-%d}')"
    panel.model = "logistic"
    with pytest.raises(UnknownNameError):
        panel.model = "crystal_ball"
    with pytest.raises(UnknownNameError):
        panel.invoice = "INV-000001"


def test_its_code_makes_the_same(panel, ledger, forecast):
    panel.model, panel.threshold, panel.invoice = "logistic", 0.4, forecast.invoices.index[5]
    space = {"ledger": ledger}
    with threadpool_limits(1):
        exec(panel.to_code(), space)
    pd.testing.assert_frame_equal(space["comparison"].table, panel.comparison.table)
    pd.testing.assert_frame_equal(space["forecast"].weeks, forecast.weeks)  # bands too: as many draws
    assert space["reasons"].chance == pytest.approx(panel.table.reasons.chance)
    counts = panel.table._judging
    assert space["counts"].loc["flagged"].tolist() == [counts["late"][40], counts["timely"][40]]


def test_its_code_repeats_what_a_forecast_from_outside_was_made_with(ledger, forecast):
    made = {**forecast.provenance, "n_draws": 150, "seed": 7}
    given = replace(forecast, weeks=forecast.weeks.iloc[[0, 1, -1]], provenance=made)
    panel = ForecastPanel(ledger, forecast=given, start=False)  # the ledger is of a later day
    call = panel.to_code().splitlines()[-1]
    assert call == f"forecast = predict_payments(seen, '{forecasts.AS_OF}', n_weeks=2, n_draws=150, seed=7)"


def test_customers_are_told_only_where_they_may_be(ledger, comparison, forecast):
    ids = set(forecast.invoices["customer_id"])
    for shows_ids in (True, False):
        panel = ForecastPanel(ledger, comparison=comparison, forecast=forecast, shows_ids=shows_ids)
        panel.invoice = forecast.invoices.index[0]
        said = str(panel.table.get_state())
        assert any(one in said for one in ids) == shows_ids
        assert not any(one in repr(panel) for one in ids)


def test_what_stands_for_it_elsewhere_is_text_whatever_an_invoice_is_called(ledger, comparison, forecast):
    hostile = replace(
        forecast, invoices=forecast.invoices.rename(index={ranked_invoices(forecast).index[0]: EVIL})
    )
    panel = ForecastPanel(ledger, comparison=comparison, forecast=hostile, invoice=EVIL, picture="open")
    assert EVIL in panel._source.data["invoice"]
    for name, _ in panel.table._told["pictures"]:
        panel.picture = name
        assert "<script" not in panel.children[2].rows
        assert "<img" not in panel.children[2].rows
    assert "<script" not in panel._repr_mimebundle_()["text/html"]


def test_what_is_chosen_at_birth_is_kept(ledger, comparison, forecast):
    choices = {
        "model": "logistic", "cost_of_missing": np.int64(9), "threshold": 0.33, "invoice": forecast.invoices.index[2],
        "picture": "reasons",
    }  # fmt: skip
    panel = ForecastPanel(ledger, comparison=comparison, forecast=forecast, **choices)
    assert {name: getattr(panel, name) for name in choices} == choices
    assert panel.children[1]._view.title == "Why this chance"
    assert ForecastPanel(ledger, start=False, cost_of_missing=1).threshold == 0.5


def test_closed_it_is_on_no_page_and_cut_from_its_parts(panel):
    table = panel.table
    panel.close()
    assert table.comm is None
    table.threshold = 0.9
    assert panel.threshold == 0.2
    panel.close()
