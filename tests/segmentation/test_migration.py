from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from payseg_widgets.errors import SegmentationError
from payseg_widgets.features.compute import compute_columns, compute_features
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.features.presets import RECOMMENDED
from payseg_widgets.features.two_periods import TwoPeriods
from payseg_widgets.segmentation.migration import migration
from payseg_widgets.segmentation.segment import segment
from tests.segmentation.migration_worlds import AFTER, BEFORE, worsening_ledger


def segments_of(ledger, seed=0):
    features = compute_features(ledger.until(BEFORE), RECOMMENDED)
    return segment(features, n_segments=4, k_range=(4, 4), compare=False, seed=seed)


@pytest.fixture(scope="module")
def worsened():
    ledger, worse = worsening_ledger(1, days_worse=25)
    made = segments_of(ledger)
    return ledger, worse, made, migration(made, ledger, BEFORE)


def study(world: str, days_worse: int, seeds: range) -> pd.DataFrame:
    """For each world: share of customers with an alert or another label, of those who changed and of those who did not."""
    rows = []
    for seed in seeds:
        ledger, worse = worsening_ledger(seed, days_worse=days_worse, world=world)
        customers = migration(segments_of(ledger), ledger, BEFORE, seed=seed).customers
        is_worse = customers.index.isin(worse) if days_worse else np.zeros(len(customers), bool)
        found = customers["alert"] & (customers["risk_change"] > 0)
        rows.append(
            {
                "alerts, unchanged": customers.loc[~is_worse, "alert"].mean(),
                "moved, unchanged": customers.loc[~is_worse, "moved"].mean(),
                "found, worse": found[is_worse].mean(),
                "n": len(customers),
            }
        )
    return pd.DataFrame(rows)


def test_a_constant_world_brings_few_alerts_though_many_labels_change():
    outcome = study("realistic", 0, range(100, 101)).mean()
    assert outcome["alerts, unchanged"] <= 0.05
    assert outcome["moved, unchanged"] >= 0.25


def test_customers_who_pay_later_are_found_at_twelve_invoices(worsened):
    _, worse, _, moved = worsened
    customers = moved.customers
    is_worse = customers.index.isin(worse)
    assert (customers["alert"] & (customers["risk_change"] > 0))[is_worse].mean() >= 0.8
    assert customers.loc[~is_worse, "alert"].mean() <= 0.05
    assert moved.n_moved > moved.expected_high
    assert "more than chance alone" in moved.sentence


def test_the_table_counts_every_customer_and_their_money_once(worsened):
    ledger, _, _, moved = worsened
    table, customers = moved.table, moved.customers
    assert table["customers"].sum() == len(customers)
    assert table.loc[table["was"] != table["now"], "customers"].sum() == moved.n_moved
    assert table["alerts"].sum() == customers["alert"].sum()
    invoices = ledger.invoices
    start = pd.Timestamp(AFTER) - pd.Timedelta(days=moved.days)
    late = invoices[(invoices["issued_on"] > start) & invoices["closed_on"].isna()]
    by_customer = late.groupby("customer_id", observed=True)["amount_minor"].sum() / 100
    whole = customers.index[~customers.index.isin(invoices.loc[invoices["closed_on"].notna(), "customer_id"])]
    pd.testing.assert_series_equal(
        customers.loc[whole, "invoiced"],
        by_customer.reindex(whole),
        check_names=False,
        check_index_type=False,
    )
    assert table["invoiced"].sum() == pytest.approx(customers["invoiced"].sum())
    assert table["outstanding"].sum() == pytest.approx(customers["outstanding"].sum())


def test_what_chance_would_bring_adds_up_to_the_customers(worsened):
    moved = worsened[3]
    # whom a resample leaves with too little in a period is in no pair of it
    assert moved.table["expected"].sum() == pytest.approx(len(moved.customers), rel=0.05)
    assert moved.expected_low <= moved.expected_moves <= moved.expected_high


def test_the_same_seed_gives_the_same_alerts(worsened):
    ledger, _, made, _ = worsened
    one, other = (migration(made, ledger, BEFORE, AFTER, n_resamples=19, seed=4) for _ in range(2))
    pd.testing.assert_frame_equal(one.customers, other.customers)


def test_no_customer_is_named(worsened):
    moved = worsened[3]
    assert len(repr(moved)) <= 110
    assert "C0" not in repr(moved) + moved.sentence


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"before": AFTER, "after": BEFORE}, "before=2024-12-31, after=2023-12-31"),
        ({"days": 0}, "days=0"),
        ({"n_resamples": 10}, "n_resamples=10"),
        ({"days": 20}, "none of .* customers has enough invoices in both periods of 20 days"),
    ],
)
def test_what_cannot_be_compared_is_said_with_a_next_step(worsened, options, message):
    ledger, _, made, _ = worsened
    with pytest.raises(SegmentationError, match=message):
        migration(made, ledger, **{"before": BEFORE, **options})


# The two periods ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def views(worsened):
    ledger = worsened[0]
    return tuple(SettledInvoices.from_ledger(ledger.until(day)) for day in (BEFORE, AFTER))


@pytest.fixture(scope="module")
def periods(views):
    return TwoPeriods.of(*views, 366)


def test_each_period_measures_as_its_own_view_of_the_ledger_does(views, periods, worsened):
    measures = worsened[2]._assigner.preparation.names
    from payseg_widgets.features.compute import choose_measures

    chosen = choose_measures((*measures, "total_invoiced", "outstanding", "reminder_response_ratio"))
    for view, is_kept in zip(views, (~periods.is_later, periods.is_later), strict=True):
        alone = view.subset(view.issued > view.as_of - 366)
        at = np.flatnonzero(np.isin(alone.customer_ids, periods.invoices.customer_ids))
        expected = compute_columns(alone.customers(at), chosen)
        measured = compute_columns(periods.invoices.subset(is_kept), chosen)
        for name in expected:
            np.testing.assert_allclose(measured[name], expected[name], err_msg=name)


def test_swapping_keeps_how_many_invoices_each_customer_has_in_either_period(periods):
    counts = periods.invoices.by_customer.count
    for seed in range(5):
        is_later = periods.swapped(np.random.default_rng(seed))
        np.testing.assert_array_equal(counts(is_later), counts(periods.is_later))
        assert (is_later != periods.is_later).any()


def test_each_invoice_is_as_often_in_the_later_period_as_the_customer_s_share(periods):
    rng = np.random.default_rng(0)
    often = np.mean([periods.swapped(rng) for _ in range(300)], axis=0)
    share = periods.invoices.by_customer.mean(periods.is_later.astype(float))
    expected = periods.invoices.by_customer.repeat(share)
    # 300 draws: five standard errors of a half are 0.14
    assert np.abs(often - expected).max() < 0.17


def test_invoices_settled_on_one_day_change_places_together():
    # one customer, four invoices a period, paid in two batches of two each
    from payseg_widgets.ledger.settle import NEVER, Postings

    days = np.array([0, 1, 2, 3], np.int32)

    def view(first: int) -> SettledInvoices:
        paid = np.repeat(np.array([10, 20], np.int32) + first, 2)
        return SettledInvoices.from_arrays(
            customer_ids=np.array(["A"], dtype=object), start=np.array([0, 4]), issued=days + first,
            due_agreed=days + first + 30, due=days + first + 30, amount=np.full(4, 100),
            closed_on=np.full(4, NEVER), is_lost=np.zeros(4, bool), as_of=first + 50,
            payments=Postings(np.array([0, 4]), paid, np.arange(4, dtype=np.int32), np.full(4, 100)),
        )  # fmt: skip

    periods = TwoPeriods.of(view(0), view(100), 60)
    assert periods.invoices.is_settled.all()
    for seed in range(20):
        is_later = periods.swapped(np.random.default_rng(seed))
        for side in (False, True):
            mine = is_later[periods.is_later == side]
            assert mine[0] == mine[1]
            assert mine[2] == mine[3]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("world", "days_worse"), [("easy", 0), ("realistic", 0), ("easy", 25), ("realistic", 25)]
)
@pytest.mark.usefixtures("no_gate")
def test_alerts_in_400_portfolios_of_customers(world, days_worse):
    table = study(world, days_worse, range(1000, 1100))
    shown = table.mean().round(3).to_dict()
    print(f"\n{world}, {days_worse} days worse, {len(table)} portfolios: {shown}")
    assert table["alerts, unchanged"].mean() <= 0.05
    if days_worse:
        assert table["found, worse"].mean() >= 0.8
    elif world == "realistic":
        assert table["moved, unchanged"].mean() >= 0.3  # the label alone
