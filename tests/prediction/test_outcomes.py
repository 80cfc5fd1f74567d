"""What became of forecasts: each case by hand, and what cannot be known yet is never counted."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payseg_widgets import backtest, forecast_outcomes, predict_payments, simulate_ledger
from payseg_widgets.errors import Cancelled, ForecastError, LedgerError
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.prediction.outcome_scores import SCORES, concordance
from payseg_widgets.prediction.outcomes import cash_by_week
from tests.prediction.forecasts import forecast_of, ledger_of

# all issued on 2024-03-01; forecast on 2024-03-31
INVOICES = [
    # id, customer, due, open, p_late, q10, q50, q90, payments (day, money), closed (day, reason)
    ("inside", "A", "2024-04-10", 100, 0.2, "2024-04-05", "2024-04-09", "2024-04-20", [("2024-04-07", 100)], None),
    ("early", "A", "2024-04-10", 100, 0.2, "2024-04-05", "2024-04-09", "2024-04-20", [("2024-04-04", 100)], None),
    ("in parts", "B", "2024-04-10", 100, 0.4, "2024-04-05", "2024-04-09", "2024-04-20",
     [("2024-04-06", 30), ("2024-04-15", 70)], None),
    ("open", "B", "2024-04-10", 100, 0.4, "2024-04-05", "2024-04-09", "2024-04-20", [], None),
    ("early, far", "C", "2024-06-10", 100, 0.5, "2024-04-20", "2024-06-05", "2024-06-30", [("2024-04-02", 100)], None),
    ("open, far", "C", "2024-06-10", 100, 0.5, "2024-04-20", "2024-06-05", "2024-06-30", [], None),
    ("lost", "D", "2024-04-10", 100, 0.7, "2024-04-05", "2024-04-25", "2024-05-20", [], ("2024-04-12", "written_off")),
    ("void", "D", "2024-04-10", 100, 0.3, "2024-04-05", "2024-04-09", "2024-04-20", [], ("2024-04-12", "cancelled")),
    ("late already", "E", "2024-03-15", 100, 1.0, "2024-04-05", None, None, [], None),
]  # fmt: skip


def world(as_of="2024-05-15", leave_out=()):
    forecast = forecast_of(
        [
            (name, who, money, due, p, q10, q50, q90)
            for name, who, due, money, p, q10, q50, q90, *_ in INVOICES
        ],
        [(200, 150, 250), (300, 100, 400), (50, 60, 90), (50, 0, 10), (0, 0, 0), (0, 0, 0), (0, 0, 0)],
    )
    rows = [row for row in INVOICES if row[0] not in leave_out]
    ledger = ledger_of(
        [(name, who, "2024-03-01", due, 100, *(end or (None, None))) for name, who, due, *_, end in rows],
        [(name, who, day, money) for name, who, *_, paid, _ in rows for day, money in paid],
    )
    return forecast, ledger.until(as_of)


def test_each_invoice_is_judged_as_by_hand():
    table = forecast_outcomes(*world()).invoices
    assert table["state"].to_dict() == {
        "inside": "paid", "early": "paid", "in parts": "paid", "open": "open", "early, far": "paid", "open, far": "open",
        "lost": "lost", "void": "void", "late already": "open",
    }  # fmt: skip
    late = {
        "inside": False,
        "early": False,
        "in parts": True,
        "open": True,
        "lost": True,
        "late already": True,
    }
    assert table["is_late"].dropna().to_dict() == late
    # what has no end is not judged; what ends on 2024-05-20 or later cannot be known on 05-15, whoever has paid
    within = {"inside": True, "early": False, "in parts": True, "open": False}
    assert table["is_within"].dropna().to_dict() == within
    assert table.at["in parts", "paid_on"] == pd.Timestamp("2024-04-15")
    assert table.index[table["was_late"]].tolist() == ["late already"]


def test_scores_are_those_of_the_invoices_judged():
    outcomes = forecast_outcomes(*world())
    value, n = outcomes.scores["value"], outcomes.scores["n"]
    assert list(value.index) == list(SCORES)
    assert (value["dates_within"], n["dates_within"]) == (2 / 4, 4)
    p, is_late = np.array([0.2, 0.2, 0.4, 0.4, 0.7]), np.array([0, 0, 1, 1, 1])
    assert (value["predicted_late"], value["observed_late"], n["observed_late"]) == pytest.approx(
        (p.mean(), 0.6, 5)
    )
    assert value["late_gap"] == pytest.approx(0.6 - p.mean())
    assert value["brier"] == pytest.approx(((p - is_late) ** 2).mean())
    april = outcomes.months.loc["2024-04-01"]
    assert (april["n_invoices"], april["predicted"], april["observed"]) == pytest.approx((5, p.mean(), 0.6))
    assert "50% of 4 were paid within their 10-90 interval" in outcomes.sentence
    assert "60% of 5 were late where 38% were forecast" in outcomes.sentence


def test_cash_of_weeks_is_what_ledgers_cut_at_their_ends_have_received():
    ledger = simulate_ledger(40, seed=2, world="realistic", part_payments=0.3).ledger
    then = ledger.until("2024-06-30")
    open_ones = SettledInvoices.from_ledger(then).outstanding
    outstanding = pd.Series(open_ones, index=then.invoices["invoice_id"].astype(str))
    outstanding = outstanding[outstanding > 0]
    starts = pd.date_range("2024-07-01", periods=8, freq="7D", name="week")
    came = cash_by_week(outstanding, pd.DataFrame(index=starts), then.as_of, ledger)
    received = []
    for day in [then.as_of, *(starts + pd.Timedelta(days=6))]:
        cut = ledger.until(day)
        is_one = cut.invoices["invoice_id"].astype(str).isin(outstanding.index)
        received.append(SettledInvoices.from_ledger(cut).paid[is_one.to_numpy()].sum())
    assert came.tolist() == np.diff(received).tolist()
    assert (came > 0).sum() >= 6


def test_cash_counts_in_its_week_and_only_weeks_that_have_ended_are_told():
    weeks = forecast_outcomes(*world("2024-04-30")).weeks
    # 1 to 7 April: 100 inside, 100 early, 30 in part, 100 early, far; 15 to 21 April: the other part
    assert weeks["came_minor"].tolist() == [330, 0, 70, 0]
    assert weeks["is_within"].tolist() == [False, False, True, True]
    assert forecast_outcomes(*world("2024-04-27")).weeks["came_minor"].tolist() == [330, 0, 70]
    assert "cash lay within its band in 1 of 3 weeks" in forecast_outcomes(*world("2024-04-27")).sentence


def test_credit_settles_and_is_no_cash_and_what_bounces_is_taken_back():
    forecast = forecast_of(
        [("one", "A", 100, "2024-04-10", 0.3, "2024-04-02", "2024-04-05", "2024-04-20"),
         ("two", "A", 100, "2024-04-10", 0.3, "2024-04-02", "2024-04-05", "2024-04-20")],
        [(100, 0, 200), (100, 0, 200)],
    )  # fmt: skip
    rows = [(name, "A", "2024-03-01", "2024-04-10", 100, None, None) for name in ("one", "two")]
    ledger = ledger_of(
        [*rows, ("new", "A", "2024-04-02", "2024-05-01", 500, None, None)],
        [("one", "A", "2024-04-03", 60), ("two", "A", "2024-04-04", 100), ("two", "A", "2024-04-09", -100),
         ("new", "A", "2024-04-05", 500)],
        [("one", "A", "2024-04-06", 40)],
    )  # fmt: skip
    outcomes = forecast_outcomes(forecast, ledger)
    assert outcomes.weeks["came_minor"].tolist() == [160, -100]
    assert outcomes.invoices["state"].tolist() == ["paid", "open"]
    assert outcomes.invoices.at["one", "paid_on"] == pd.Timestamp("2024-04-06")


def test_where_invoices_have_left_the_export_nothing_is_judged():
    """It is the paid ones that leave: of those left all would seem late."""
    paid = [row[0] for row in INVOICES if row[0] in ("inside", "early")]
    outcomes = forecast_outcomes(*world(leave_out=paid))
    assert (outcomes.invoices.loc[paid, "state"] == "missing").all()
    assert outcomes.n_out_of_sight == 2
    assert outcomes.scores["value"].isna().all()
    assert outcomes.months.empty
    assert outcomes.weeks["came_minor"].isna().all()
    assert "2 have left the export before they could be judged" in outcomes.sentence
    assert forecast_outcomes(*world()).n_out_of_sight == 0


def test_an_interval_without_an_end_is_no_interval_of_80_per_cent_and_not_judged():
    rows = [
        (str(k), f"C{k}", 100, "2024-04-10", 0.3, q10, None, None)
        for k, q10 in enumerate(["2024-04-20", None])
    ]
    forecast = forecast_of(rows, [(0, 0, 0)])
    invoices = [(str(k), f"C{k}", "2024-03-01", "2024-04-10", 100, None, None) for k in range(2)]
    paid = ledger_of(invoices, [(str(k), f"C{k}", "2024-04-15", 100) for k in range(2)])
    for later in (paid, ledger_of(invoices)):
        assert forecast_outcomes(forecast, later).invoices["is_within"].isna().all()


def test_an_invoice_that_can_no_longer_be_in_time_is_no_success_of_the_forecast():
    forecast = forecast_of(
        [("eve", "A", 100, "2024-03-31", 1.0, "2024-04-02", "2024-04-05", "2024-04-20")], [(0, 0, 0)]
    )
    ledger = ledger_of(
        [("eve", "A", "2024-03-01", "2024-03-31", 100, None, None)], [("eve", "A", "2024-04-03", 100)]
    )
    outcomes = forecast_outcomes(forecast, ledger)
    assert outcomes.invoices.at["eve", "was_late"]
    assert outcomes.scores.at["observed_late", "n"] == 0


def test_what_cannot_be_compared_says_why():
    forecast, ledger = world()
    with pytest.raises(ForecastError, match="as of 2024-03-31"):
        forecast_outcomes(forecast, ledger.until("2024-03-31"))
    other = ledger_of([("x", "A", "2024-03-01", "2024-04-10", 100, None, None)])
    with pytest.raises(ForecastError, match="none of the 9 invoices"):
        forecast_outcomes(forecast, other)
    nothing = forecast_outcomes(forecast, ledger.until("2024-04-01"))
    assert nothing.sentence == "Of 9 invoices forecast on 2024-03-31 nothing can be judged by 2024-04-01 yet."
    assert "A" not in repr(nothing).replace("ForecastOutcomes", "")


def brute(paid_after, told):
    """Harrell's C over all pairs, one by one."""
    won = met = 0
    for i, a in enumerate(paid_after):
        for j, b in enumerate(paid_after):
            if i != j and a is not None and (b is None or b > a):
                met += 1
                won += 0.5 if told[i] == told[j] else float(told[i] < told[j])
    return won / met if met else np.nan


@given(
    st.lists(
        st.tuples(st.none() | st.integers(1, 6), st.integers(1, 5), st.integers(0, 3)),
        min_size=2,
        max_size=14,
    )
)
def test_concordance_is_that_of_all_pairs(rows):
    start = pd.Timestamp("2024-01-01")
    table = pd.DataFrame(
        {
            "state": ["open" if day is None else "paid" for day, _, _ in rows],
            "paid_on": days_after(start, [day for day, _, _ in rows]),
            "paid_q50": days_after(start, [told if told < 5 else None for _, told, _ in rows]),
            "known_until": start + pd.Timedelta(days=6), "customer_id": [f"C{who}" for _, _, who in rows],
        }
    )  # fmt: skip
    found = concordance([table, table])  # pairs are made within each
    wanted = brute([day for day, _, _ in rows], [told for _, told, _ in rows])
    assert found.value == pytest.approx(wanted, nan_ok=True)


def days_after(start, values):
    return pd.Series(
        [pd.NaT if value is None else start + pd.Timedelta(days=value) for value in values],
        dtype="datetime64[s]",
    )


@pytest.fixture(scope="module")
def simulated_ledger():
    return simulate_ledger(60, seed=4, world="realistic", part_payments=0.2).ledger


@pytest.fixture(scope="module")
def tested(simulated_ledger):
    return backtest(simulated_ledger, ["2024-06-30", "2024-03-31", "2024-06-30"], n_weeks=4)


def test_a_backtest_is_the_forecasts_with_their_outcomes(simulated_ledger, tested):
    assert tested.table.index.tolist() == [pd.Timestamp("2024-03-31"), pd.Timestamp("2024-06-30")]
    alone = forecast_outcomes(predict_payments(simulated_ledger, "2024-06-30", n_weeks=4), simulated_ledger)
    pd.testing.assert_frame_equal(alone.invoices, tested.outcomes[1].invoices)
    pd.testing.assert_frame_equal(alone.weeks, tested.outcomes[1].weeks)
    n = sum(one.scores["n"]["dates_within"] for one in tested.outcomes)
    assert tested.scores["n"]["dates_within"] == n
    shares = [
        one.scores["value"]["dates_within"] * one.scores["n"]["dates_within"] for one in tested.outcomes
    ]
    assert tested.scores["value"]["dates_within"] == pytest.approx(sum(shares) / n)
    assert tested.scores["n"]["weeks_within"] == 8
    assert tested.sentence.startswith("Forecasts of 2 days from 2024-03-31 on, beside what came: ")
    assert len(repr(tested)) < 110
    one = replace(tested, outcomes=tested.outcomes[:1], table=tested.table.head(1).assign(n_invoices=1))
    assert one.sentence.startswith("Forecasts of 1 day from 2024-03-31 on, ")
    assert repr(one) == "Backtest(1 day, 1 invoice)"


def test_the_cash_of_all_weeks_is_what_was_paid_in_them(simulated_ledger, tested):
    """Payments that name them all count; of sums on account no more than what they are."""
    one = tested.outcomes[1]
    payments = simulated_ledger.payments
    named = payments[payments["invoice_row"] >= 0]
    ids = simulated_ledger.invoices["invoice_id"].astype(str).to_numpy()[named["invoice_row"]]
    end = one.weeks.index[-1] + pd.Timedelta(days=6)
    counted = named[
        pd.Index(ids).isin(one.invoices.index) & (named["paid_on"] > one.as_of) & (named["paid_on"] <= end)
    ]
    on_account = payments[
        (payments["invoice_row"] < 0) & (payments["paid_on"] > one.as_of) & (payments["paid_on"] <= end)
    ]
    came = one.weeks["came_minor"].sum()
    assert (
        counted["amount_minor"].sum()
        <= came
        <= counted["amount_minor"].sum() + on_account["amount_minor"].sum()
    )


def test_what_is_known_once_stays_known(simulated_ledger, tested):
    forecast = predict_payments(simulated_ledger, "2024-06-30", n_weeks=4)
    sooner = forecast_outcomes(forecast, simulated_ledger.until("2024-08-15"))
    whole = tested.outcomes[1]
    for name in ("is_late", "is_within"):
        known = sooner.invoices[name].dropna()
        assert 0 < len(known) < len(sooner.invoices)
        pd.testing.assert_series_equal(known, whole.invoices.loc[known.index, name])
    pd.testing.assert_frame_equal(sooner.weeks, whole.weeks.loc[sooner.weeks.index])


def test_a_backtest_that_is_stopped_keeps_the_days_done(simulated_ledger, tested):
    stop, heard = threading.Event(), []

    def tell(*told):
        heard.append(told)
        if told[1] == 1:
            stop.set()

    with pytest.raises(Cancelled, match="after 1 of 2 days") as caught:
        backtest(simulated_ledger, ["2024-03-31", "2024-06-30"], n_weeks=4, progress=tell, cancel=stop)
    assert heard == [("2024-03-31", 0, 2), ("2024-06-30", 1, 2)]
    pd.testing.assert_frame_equal(caught.value.finished.table, tested.table.iloc[:1])
    with pytest.raises(Cancelled, match="after 0 of 1") as caught:
        backtest(simulated_ledger, ["2024-03-31"], cancel=stop)
    assert caught.value.finished is None
    with pytest.raises(ForecastError, match="2024-12-31 is not before"):
        backtest(simulated_ledger, ["2024-12-31"])
    with pytest.raises(ForecastError, match="no day is before"):
        backtest(simulated_ledger, [])
    with pytest.raises(LedgerError, match="is not a day"):
        backtest(simulated_ledger, ["March"])
