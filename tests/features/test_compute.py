"""From a ledger to the feature table: what it holds, what it refuses, and real files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from payseg_widgets.errors import FeatureError, UnknownNameError
from payseg_widgets.features.ageing import ageing
from payseg_widgets.features.compute import compute_features
from payseg_widgets.features.measure import MEASURES
from payseg_widgets.features.presets import RECOMMENDED, TEN_AR_FEATURES
from payseg_widgets.ledger.read import read_ledger
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.ledger.settle import settle
from payseg_widgets.ledger.simulate import simulate_ledger


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return simulate_ledger(80, seed=2, world="realistic").ledger


def test_there_are_more_than_thirty_measures_and_the_presets_are_among_them() -> None:
    assert len(MEASURES) > 32
    assert set(RECOMMENDED) | set(TEN_AR_FEATURES) <= set(MEASURES)
    assert len(TEN_AR_FEATURES) == 10
    assert not any(MEASURES[name].unit == "money" for name in RECOMMENDED)


def test_columns_come_in_the_order_asked_for(ledger: Ledger) -> None:
    names = ["outstanding", "mean_days_late"]
    assert list(compute_features(ledger, names).frame) == names


def test_an_unknown_name_is_answered_with_the_nearest(ledger: Ledger) -> None:
    with pytest.raises(UnknownNameError, match="mean_days_late"):
        compute_features(ledger, ["mean_day_late"])


def test_a_name_asked_for_twice_is_refused(ledger: Ledger) -> None:
    with pytest.raises(FeatureError, match="outstanding"):
        compute_features(ledger, ["outstanding", "outstanding"])


@pytest.mark.parametrize("buckets", [(), (30, 30), (-1, 5), (0, 30), (1.5,)])
def test_buckets_that_are_not_increasing_days_are_refused(ledger: Ledger, buckets: tuple) -> None:
    with pytest.raises(FeatureError, match="buckets"):
        compute_features(ledger, buckets=buckets)


@pytest.mark.parametrize("buckets", [(30, 60, 90), (7,), (1, 15, 45, 180)])
def test_ageing_buckets_sum_to_the_open_balance_exactly(ledger: Ledger, buckets: tuple[int, ...]) -> None:
    table = ageing(ledger, buckets=buckets)
    owed = (
        pd.Series(settle(ledger).outstanding_minor)
        .groupby(ledger.invoices["customer_id"].astype("str"))
        .sum()
    )
    assert (table.sum(axis=1) == owed.reindex(table.index)).all()
    shares = compute_features(ledger, buckets=buckets).frame.filter(regex="^ageing_")
    assert shares.shape[1] == len(buckets) + 2
    assert shares.sum(axis=1)[owed.reindex(shares.index) > 0].to_numpy() == pytest.approx(1.0)


def test_ageing_takes_settled_invoices_too(ledger: Ledger) -> None:
    settled = compute_features(ledger, ["outstanding"]).invoices
    pd.testing.assert_frame_equal(ageing(settled), ageing(ledger))


def test_progress_ends_at_one_and_what_it_raises_stops_the_work(ledger: Ledger) -> None:
    seen: list[float] = []
    compute_features(ledger, ["outstanding"], progress=seen.append)
    assert seen[-1] == 1

    def stop(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compute_features(ledger, ["outstanding"], progress=stop)


def test_lots_of_customers_give_what_all_at_once_give(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = compute_features(ledger).frame
    monkeypatch.setattr("payseg_widgets.features.compute.LOT_INVOICES", 50)
    pd.testing.assert_frame_equal(compute_features(ledger).frame, whole)


def test_customers_without_an_invoice_are_left_out() -> None:
    ledger = simulate_ledger(30, seed=4, world="realistic").ledger.until("2022-02-15")
    owners = set(ledger.invoices["customer_id"].astype("str"))
    assert set(compute_features(ledger).frame.index) == owners


def test_describe_has_a_row_for_every_feature(ledger: Ledger) -> None:
    table = compute_features(ledger)
    described = table.describe()
    assert described["feature"].tolist() == list(table.frame)
    assert described["reliability"].dropna().between(0, 1).all()
    assert (described["n_estimable"] == table.frame.notna().sum().to_numpy()).all()


def test_the_repr_names_nobody(ledger: Ledger) -> None:
    assert (
        repr(compute_features(ledger, ["overdue"]))
        == "FeatureTable(customers=80, features=1, as_of=2024-12-31)"
    )


# Bias of the recent past -----------------------------------------------------------------------------------------


def test_measures_do_not_drift_with_the_day_one_looks_from() -> None:
    """Constant behaviour looks constant; the mean delay of paid invoices and its like fall towards the end."""
    ledger, _ = simulate_ledger(200, seed=6, start="2022-01-01", end="2023-12-31")
    late = compute_features(ledger.until("2023-06-30")).frame
    later = compute_features(ledger).frame
    for name, most in (("mean_days_late", 1.5), ("on_time_ratio", 0.03), ("days_late_trend", 3.0)):
        assert abs((later[name] - late[name]).mean()) < most
    assert abs(later["days_late_trend"].mean()) < 3

    recent = ledger.invoices["issued_on"] > ledger.as_of - pd.Timedelta(days=60)
    settled = settle(ledger).settled_on
    due = ledger.invoices["due_on"].to_numpy().astype("datetime64[D]").astype(int)
    is_paid = settled < 10**6
    naive = (settled - due)[is_paid & recent.to_numpy()].mean() - (settled - due)[
        is_paid & ~recent.to_numpy()
    ].mean()
    assert naive < -5  # what the mean of paid invoices makes of it


# Real files ----------------------------------------------------------------------------------------------------------


def test_the_ibm_sample_is_on_average_paid_three_and_a_half_days_early(real_data: Path) -> None:
    ledger = read_ledger(real_data / "ibm_ar" / "accounts_receivable.csv")
    table = compute_features(ledger, ["mean_days_late", "n_invoices", "early_payment_ratio", "on_time_ratio"])
    n = table.frame["n_invoices"]
    assert n.sum() == 2466
    assert (table.frame["mean_days_late"] * n).sum() / n.sum() == pytest.approx(-3.56, abs=0.005)
    known = table.counts["on_time_ratio"]
    assert 1 - (table.frame["on_time_ratio"] * known).sum() / known.sum() == pytest.approx(0.356, abs=0.005)


def test_the_seed_file_s_unpaid_invoices_count_as_late_not_as_paid_at_once(real_data: Path) -> None:
    """The file says 0 days for whoever never paid; the less a customer settles, the worse his rank must be."""
    ledger = read_ledger(next((real_data / "seed_ar").glob("*.csv")))
    frame = compute_features(ledger, ["mean_days_late", "late_by_90_ratio"]).frame
    assert (frame["mean_days_late"] > 100).all()
    is_settled = pd.Series(settle(ledger).outstanding_minor == 0)
    settled = is_settled.groupby(ledger.invoices["customer_id"].astype("str")).mean().reindex(frame.index)
    assert frame["mean_days_late"].corr(settled, method="spearman") < -0.7
    never = settled.index[settled == 0]
    assert (frame.loc[never, "mean_days_late"] == frame["mean_days_late"].max()).all()


def test_a_customer_who_never_paid_old_invoices_is_at_the_horizon() -> None:
    ledger, _ = simulate_ledger(300, seed=0, world="realistic")
    table = compute_features(ledger, ["mean_days_late"])
    paid = pd.Series(settle(ledger).paid_minor).groupby(ledger.invoices["customer_id"].astype("str")).sum()
    never = paid.index[paid == 0]
    value = table.frame.loc[never, "mean_days_late"]
    assert len(value.dropna())
    assert (value.dropna() == 180).all()
    assert table.frame["mean_days_late"].max() == 180
    assert not np.isclose(table.frame.loc[never, "mean_days_late"], 0).any()
