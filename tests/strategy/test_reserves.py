"""Reserves: balances of past days as they stood, rates counted on paper, and losses that come true."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from payseg_widgets import backtest_reserves, provisions, simulate_ledger
from payseg_widgets.errors import FeatureError, ForecastError
from payseg_widgets.features.ageing import ageing
from payseg_widgets.features.as_known import settled_by
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.ledger.schema import assemble
from payseg_widgets.strategy.loss_rates import loss_rates
from payseg_widgets.strategy.past_balances import month_ends, past_balances
from payseg_widgets.strategy.reserves import BUCKETS


def day_number(day) -> int:
    return int((pd.Timestamp(day) - pd.Timestamp(0)).days)


def ten_invoices(as_of="2024-12-31"):
    """Of ten of 100 pounds due on 10 January: six paid 40 days late, one written off after 80 days, one cancelled, two open."""
    day = lambda value: pd.Series([pd.Timestamp(value)] * 10).astype("datetime64[s]")  # noqa: E731
    closed, reason = pd.Series([None] * 10, dtype="datetime64[s]"), [None] * 10
    closed[6], reason[6] = pd.Timestamp("2024-03-30"), "written_off"
    closed[7], reason[7] = pd.Timestamp("2024-03-05"), "cancelled"
    ids = [f"C{k}" for k in range(10)]
    return assemble(
        customers=pd.DataFrame({"customer_id": pd.Series(dtype="str")}),
        invoices=pd.DataFrame({
            "invoice_id": [f"I{k}" for k in range(10)], "customer_id": ids, "issued_on": day("2023-12-11"),
            "due_on": day("2024-01-10"), "amount_minor": 10_000, "closed_on": closed,
            "closed_reason": pd.Series(reason, dtype="str"),
        }),
        payments=pd.DataFrame({
            "invoice_id": [f"I{k}" for k in range(6)], "customer_id": ids[:6], "paid_on": day("2024-02-19")[:6],
            "amount_minor": 10_000,
        }),
        as_of=pd.Timestamp(as_of), currency="GBP",
    )  # fmt: skip


@pytest.fixture(scope="module")
def realistic():
    return simulate_ledger(80, seed=3, world="realistic", start="2021-01-01").ledger


def test_balances_of_a_past_day_are_those_of_the_ledger_cut_at_it(realistic):
    invoices = SettledInvoices.from_ledger(realistic)
    whole = pd.Series(0, index=realistic.invoices["invoice_id"])
    for day in ("2022-03-31", "2023-08-15", "2024-12-31"):
        cut = realistic.until(day)
        then = pd.Series(SettledInvoices.from_ledger(cut).outstanding, index=cut.invoices["invoice_id"])
        found = settled_by(invoices, day_number(day)).outstanding_minor
        np.testing.assert_array_equal(found, whole.add(then, fill_value=0).reindex(whole.index).astype(int))


def test_losses_are_counted_as_on_paper():
    made = provisions(ten_invoices(), horizon_days=100)
    rates = made.matrix.loc["all"]
    # of ten, three are lost: one written off, two still open; the one that is cancelled on 5 March is not
    assert rates.loc["not_due", "observed"] == pytest.approx(3 / 10)  # 31 December
    assert rates.loc["1_30", "observed"] == pytest.approx(3 / 10)  # 31 January, 21 days
    assert rates.loc["31_60", "observed"] == pytest.approx(3 / 4)  # 29 February: the six have paid
    assert rates.loc["61_90", "observed"] == 1.0  # 31 March: two left
    assert rates.loc["1_30", "n_customers"] == 10
    assert rates.loc["61_90", "n_customers"] == 2
    assert made.balance_minor == 20_000
    assert made.provision_minor == 20_000  # two open for a year, as all that were so old were lost
    assert made.by_bucket.loc["all", "balance_minor"] == 20_000


def test_only_month_ends_count_whose_outcome_is_known():
    invoices = SettledInvoices.from_ledger(ten_invoices("2024-05-01"))
    days = month_ends(invoices, until=invoices.as_of - 100)
    assert days.tolist() == [day_number("2023-12-31")]  # 100 days from 31 January lie after 1 May
    with pytest.raises(ForecastError, match="Read a longer ledger"):
        provisions(ten_invoices("2024-05-01"))


def test_an_age_that_was_never_open_takes_the_rate_of_the_next_younger_one():
    made = provisions(
        ten_invoices(), horizon_days=250
    )  # month ends up to 25 April: none of more than 106 days
    assert (
        made.matrix.loc[("all", "181_365"), "observed"] != made.matrix.loc[("all", "181_365"), "observed"]
    )  # missing
    assert made.matrix.loc[("all", "181_365"), "rate"] == made.matrix.loc[("all", "91_180"), "rate"]
    assert any("181_365 was open long enough ago" in note for note in made.notes)


def test_segments_that_do_not_differ_share_their_rate_and_those_that_do_keep_theirs():
    rng = np.random.default_rng(1)
    segment, customer = np.repeat([0, 1, 2], 100), np.arange(300)
    made = lambda shares: loss_rates(  # noqa: E731
        segment, np.zeros(300, int), customer, np.ones(300), (rng.random(300) < np.repeat(shares, 100)).astype(float),
        n_segments=3, n_buckets=1,
    )  # fmt: skip
    assert np.mean([made([0.2, 0.2, 0.2]).own.mean() for _ in range(50)]) < 0.35
    apart = made([0.02, 0.2, 0.6])
    assert apart.own.min() > 0.9
    assert (np.abs(apart.rate - apart.observed) < 0.05).all()


def test_a_segment_nobody_was_in_takes_everybody_s_rate():
    made = loss_rates(
        np.zeros(40, int),
        np.zeros(40, int),
        np.arange(40),
        np.ones(40),
        np.arange(40) < 10,
        n_segments=2,
        n_buckets=1,
    )
    assert made.rate[1, 0] == pytest.approx(0.25)
    assert np.isnan(made.observed[1, 0])
    assert np.isnan(made.conf_low[1, 0])


def test_the_interval_of_equal_customers_is_clopper_and_pearson_s():
    lost = np.arange(400) < 60
    made = loss_rates(
        np.zeros(400, int), np.zeros(400, int), np.arange(400), np.ones(400), lost, n_segments=1, n_buckets=1
    )
    oracle = stats.binomtest(60, 400).proportion_ci()
    assert made.conf_low[0, 0] == pytest.approx(oracle.low, rel=0.02)
    assert made.conf_high[0, 0] == pytest.approx(oracle.high, rel=0.02)
    none = loss_rates(
        np.zeros(20, int),
        np.zeros(20, int),
        np.arange(20),
        np.ones(20),
        np.zeros(20),
        n_segments=1,
        n_buckets=1,
    )
    assert none.conf_low[0, 0] == 0
    assert (
        0.1 < none.conf_high[0, 0] < 0.25
    )  # nothing lost of twenty customers does not mean that nothing ever is


def test_intervals_cover_where_balances_of_a_customer_are_lost_together():
    rng, truth, covered, naive = np.random.default_rng(5), 0.2, 0, 0
    for _ in range(400):
        n = rng.poisson(6, 80) + 1
        customer = np.repeat(np.arange(80), n)
        balance = np.repeat(rng.lognormal(0, 0.4, 80), n)
        lost = balance * (rng.random(80) < truth)[customer]
        made = loss_rates(
            np.zeros(len(n := customer), int),
            np.zeros(len(n), int),
            customer,
            balance,
            lost,
            n_segments=1,
            n_buckets=1,
        )
        covered += made.conf_low[0, 0] <= truth <= made.conf_high[0, 0]
        one_by_one = stats.binomtest(int((lost > 0).sum()), len(lost)).proportion_ci()
        naive += one_by_one.low <= truth <= one_by_one.high
    assert 0.925 <= covered / 400 <= 0.985, covered / 400
    assert naive / 400 < 0.75, naive / 400


@settings(max_examples=12, derandomize=True)
@given(
    seed=st.integers(0, 10**6),
    cuts=st.sets(st.integers(1, 400), min_size=1, max_size=4),
    by=st.sampled_from(["region", "sector", None]),
)
def test_the_balance_is_the_ledger_s_to_the_penny_whatever_the_cells(seed, cuts, by):
    ledger = simulate_ledger(12, seed=seed, start="2023-01-01").ledger
    labels = (
        None if by is None else ledger.customers.set_index("customer_id")[by].iloc[1:]
    )  # one is not known
    made = provisions(ledger, labels, buckets=sorted(cuts), horizon_days=180)
    by_age = ageing(ledger, buckets=sorted(cuts)).sum()
    assert made.balance_minor == SettledInvoices.from_ledger(ledger).outstanding.sum()
    assert made.by_bucket["balance_minor"].drop("all").tolist() == by_age.tolist()
    assert made.matrix["provision_minor"].sum() == made.provision_minor
    assert made.matrix["rate"].between(0, 1).all()
    assert (made.matrix["provision_minor"] <= made.matrix["balance_minor"]).all()
    assert 0 <= made.low_minor <= made.high_minor <= made.balance_minor


def test_segments_made_of_a_ledger_see_no_later_day(realistic):
    seen = []

    def labels(ledger):
        seen.append(ledger.as_of)
        late = SettledInvoices.from_ledger(ledger)
        return pd.Series(np.where(late.overdue > 0, "overdue", "fine"), index=late.customer_ids.astype(str))

    made = provisions(realistic, labels)
    assert sorted(seen)[-1] == realistic.as_of
    assert sorted(seen)[-2] <= realistic.as_of - pd.Timedelta(days=365)
    assert len(seen) == made.n_month_ends + 1
    assert set(made.matrix.index.get_level_values("segment")) >= {"fine", "overdue"}


def test_what_comes_after_the_day_changes_no_reserve(realistic):
    back = backtest_reserves(realistic, "2023-12-31")
    pd.testing.assert_frame_equal(back.reserves.matrix, provisions(realistic.until("2023-12-31")).matrix)
    assert back.table["balance_minor"].sum() == back.reserves.balance_minor
    assert "times what was lost" in back.sentence


def some_cancelled(seed, *, share=0.15, n=1_500, n_customers=60):
    """Invoices of 100 pounds due after 30 days: 15 % cancelled 40 to 200 days on, 10 % lost, the others paid in 20 to 60."""
    rng, as_of = np.random.default_rng(seed), pd.Timestamp("2024-12-31")
    issued = as_of - pd.to_timedelta(rng.integers(20, 1_400, n), "D")
    fate = rng.random(n)
    done = issued + pd.to_timedelta(
        np.where(fate < share, rng.integers(40, 200, n), rng.integers(20, 60, n)), "D"
    )
    is_cancelled, is_paid = (fate < share) & (done <= as_of), (fate >= share + 0.1) & (done <= as_of)
    ids, who = (
        np.array([f"I{k}" for k in range(n)]),
        np.array([f"C{k}" for k in rng.integers(0, n_customers, n)]),
    )
    day = lambda values: pd.Series(values).astype("datetime64[s]")  # noqa: E731
    return assemble(
        customers=pd.DataFrame({"customer_id": pd.Series(dtype="str")}),
        invoices=pd.DataFrame({
            "invoice_id": ids, "customer_id": who, "issued_on": day(issued), "due_on": day(issued + pd.Timedelta(days=30)),
            "amount_minor": 10_000, "closed_on": day(done).where(is_cancelled),
            "closed_reason": pd.Series(np.where(is_cancelled, "cancelled", None), dtype="str"),
        }),
        payments=pd.DataFrame({
            "invoice_id": ids[is_paid], "customer_id": who[is_paid], "paid_on": day(done[is_paid]), "amount_minor": 10_000,
        }),
        as_of=as_of, currency="GBP",
    )  # fmt: skip


def test_where_invoices_get_cancelled_as_much_is_provided_for_as_is_lost():
    backs = [backtest_reserves(some_cancelled(seed), "2023-11-26") for seed in range(4)]
    provided, lost = (
        sum(int(back.table[name].sum()) for back in backs) for name in ("provision_minor", "lost_minor")
    )
    assert provided / lost == pytest.approx(1, abs=0.08)
    for back in backs:  # the ratio is that of the table
        assert back.ratio == back.table["provision_minor"].sum() / back.table["lost_minor"].sum()
        assert back.ratio_low < back.ratio < back.ratio_high


def test_what_is_asked_wrongly_is_refused(realistic):
    with pytest.raises(ForecastError, match="Give an earlier day"):
        backtest_reserves(realistic, "2024-06-30")
    with pytest.raises(ForecastError, match="horizon_days=0"):
        provisions(realistic, horizon_days=0)
    with pytest.raises(FeatureError, match="buckets"):
        provisions(realistic, buckets=(60, 30))
    for wrong in (float("nan"), None, "365", True):
        with pytest.raises(ForecastError, match="horizon_days="):
            provisions(realistic, horizon_days=wrong)
        with pytest.raises(ForecastError, match="horizon_days="):
            backtest_reserves(realistic, "2023-12-31", horizon_days=wrong)
    with pytest.raises(ForecastError, match="labels names 80 customers, and none of the ledger's"):
        provisions(realistic, pd.Series("X", index=range(80)))
    with pytest.raises(ForecastError, match="labels names 1 customer, and none of the ledger's"):
        provisions(realistic, lambda _: pd.Series("X", index=[7]))
    with pytest.raises(ForecastError, match="labels is a DataFrame"):
        provisions(realistic, realistic.customers)
    with pytest.raises(ForecastError, match="twice"):
        provisions(realistic, pd.Series(["a", "b"], index=["C00001", "C00001"]))


def written_off_only(ledger, day):
    """Reserves by the share written off so far of all past balances, known outcome or not: what is often done."""
    invoices = SettledInvoices.from_ledger(ledger.until(day))
    now = invoices.as_of
    past = past_balances(invoices, month_ends(invoices, until=now), horizon_days=0)
    gone = settled_by(invoices, now).forgone_minor[past.row]
    age = np.searchsorted((0, *BUCKETS), past.past_due_days)
    rate = np.bincount(age, weights=gone, minlength=7) / np.maximum(
        np.bincount(age, weights=past.balance, minlength=7), 1
    )
    return float((rate[np.searchsorted((0, *BUCKETS), invoices.days_past_due)] * invoices.outstanding).sum())


def study(seeds, world, n_customers=250):
    total = {"provided": 0.0, "lost": 0.0, "naive": 0.0}
    for seed in seeds:
        ledger = simulate_ledger(n_customers, seed=seed, world=world, start="2020-01-01").ledger
        made = backtest_reserves(ledger, "2023-12-31")
        total["provided"] += made.table["provision_minor"].sum()
        total["lost"] += made.table["lost_minor"].sum()
        total["naive"] += written_off_only(ledger, "2023-12-31")
    return total["provided"] / total["lost"], total["naive"] / total["lost"]


def test_a_few_worlds_lose_what_was_provided_for():
    ratio, naive = study(range(3), "easy", 120)
    assert 0.85 <= ratio <= 1.15
    assert naive < 0.85


@pytest.mark.slow
@pytest.mark.parametrize("world", ["realistic", "easy"])
def test_many_worlds_lose_what_was_provided_for(world):
    ratio, naive = study(range(100, 160), world)
    print(f"\n{world}: provided over lost {ratio:.3f}; by write-offs alone {naive:.3f}")
    assert 0.9 <= ratio <= 1.1
    assert naive < 0.9
