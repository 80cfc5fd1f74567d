"""Every option has an effect, and the effect is the one that the truth states."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payseg_widgets.errors import LedgerError, UnknownNameError
from payseg_widgets.ledger.simulate import simulate_ledger
from payseg_widgets.ledger.simulate_world import PayerType

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
ONE_TYPE = (PayerType("any", 1.0, 10, 9, mean_sd=2),)
#: Nothing but the delay itself moves the day of settlement.
PLAIN = {"types": ONE_TYPE, "region_effect": 0.0, "sector_effect": 0.0, "disputes": 0.0, "credit_notes": 0.0}


def delays(truth, ledger, settled="settled_on"):
    """Days from due date to full settlement, also after the cut; NaN for the never settled."""
    return (truth.invoices[settled] - ledger.invoices["due_on"]).dt.days


def customer_delays(ledger, truth):
    days = delays(truth, ledger).groupby(truth.invoices["customer_id"])
    return truth.customers.assign(mean=days.mean().to_numpy(), sd=days.std().to_numpy())


def credited(ledger):
    return ledger.credit_notes.groupby("invoice_row")["amount_minor"].sum()


def test_a_simulation_unpacks_into_its_ledger_and_its_truth():
    simulated = simulate_ledger(20)
    ledger, truth = simulated
    assert ledger is simulated.ledger
    assert truth is simulated.truth
    assert truth.invoices["invoice_id"].tolist() == ledger.invoices["invoice_id"].tolist()
    assert truth.customers["customer_id"].tolist() == ledger.customers["customer_id"].tolist()
    assert repr(truth) == f"Truth(customers=20, segments=4, invoices={len(ledger)})"


def test_the_same_seed_gives_the_same_ledger_and_another_seed_another():
    first, second, other = (simulate_ledger(30, seed=seed, world="realistic").ledger for seed in (3, 3, 4))
    for table in ("customers", "invoices", "payments", "credit_notes", "reminders", "disputes"):
        pd.testing.assert_frame_equal(getattr(first, table), getattr(second, table))
    assert first.invoices["amount_minor"].tolist() != other.invoices["amount_minor"].tolist()


def test_a_changed_option_leaves_the_draws_of_the_others():
    without, with_parts = (simulate_ledger(30, part_payments=share).truth.invoices for share in (0.0, 0.5))
    pd.testing.assert_frame_equal(without, with_parts)


@pytest.mark.parametrize("world", ["easy", "realistic", "structureless"])
def test_no_fact_is_before_its_invoice_and_nobody_pays_more_than_is_owed(world):
    ledger, truth = simulate_ledger(150, world=world, seed=2)
    for name, day in (("payments", "paid_on"), ("credit_notes", "issued_on"), ("disputes", "opened_on")):
        facts = getattr(ledger, name)
        named = facts[facts["invoice_row"] >= 0]
        assert (named[day].to_numpy() >= ledger.invoices["issued_on"].to_numpy()[named["invoice_row"]]).all()
    owed = ledger.invoices["amount_minor"].sub(credited(ledger), fill_value=0).to_numpy()
    paid = truth.payments.groupby("invoice_id")["amount_minor"].sum()
    paid = paid.reindex(truth.invoices["invoice_id"]).fillna(0).to_numpy()
    settled = truth.invoices["settled_on"].notna().to_numpy()
    before_cut = settled & (truth.invoices["settled_on"] <= ledger.as_of).to_numpy()
    assert (paid[before_cut] == owed[before_cut]).all()
    assert (paid[~settled] < owed[~settled]).all()
    assert (paid <= owed).all()


def test_what_is_settled_after_the_end_is_open_in_the_ledger_and_known_to_the_truth():
    ledger, truth = simulate_ledger(200, part_payments=0.0)
    paid_rows = ledger.payments["invoice_row"]
    is_open = ~np.isin(np.arange(len(ledger)), paid_rows)
    expected = ~(truth.invoices["settled_on"] <= ledger.as_of)
    assert is_open.tolist() == expected.tolist()
    assert (truth.payments["paid_on"] > ledger.as_of).sum() > 100
    assert len(truth.payments) == len(ledger.payments) + (truth.payments["paid_on"] > ledger.as_of).sum()


def test_every_simulated_row_is_accepted_with_its_money():
    ledger = simulate_ledger(20).ledger
    table = ledger.reconciliation.set_index(["table", "outcome"])
    assert table.loc[("payments", "read")].tolist() == [
        len(ledger.payments),
        ledger.payments["amount_minor"].sum(),
    ]
    for _, outcomes in ledger.reconciliation.groupby("table"):
        counts = outcomes.set_index("outcome")["n_rows"]
        assert counts["read"] == counts["accepted"] + counts["duplicate"] + counts["rejected"]


def test_the_truth_is_the_mean_and_spread_of_what_happens():
    ledger, truth = simulate_ledger(300, seed=5, invoices_per_year=60, **PLAIN)
    seen = customer_delays(ledger, truth)
    assert (seen["mean"] - seen["mean_days_late"]).mean() == pytest.approx(0, abs=0.1)
    assert np.log(seen["sd"] / seen["spread_days"]).mean() == pytest.approx(0, abs=0.03)


def test_regions_shift_means_by_their_effect():
    ledger, truth = simulate_ledger(4000, seed=1, invoices_per_year=6, **{**PLAIN, "region_effect": 1.0})
    seen = customer_delays(ledger, truth)
    effects = truth.effects[truth.effects["factor"] == "region"].set_index("name")["mean_days"]
    assert effects["North West"] - effects["South West"] == pytest.approx(24.5 - 16.1)  # published
    groups = seen.groupby("region")["mean"]
    error = (groups.mean() - 10 - effects) / groups.sem()
    assert error.abs().max() < 4


def test_sectors_and_sizes_shift_means_by_the_days_given():
    given_days = {"sector_effect": {"Construction": 15.0}, "size_effect": 0.5}
    ledger, truth = simulate_ledger(3000, seed=2, invoices_per_year=6, **{**PLAIN, **given_days})
    seen = customer_delays(ledger, truth)
    sizes = seen.groupby("size_band")["mean"].mean()
    assert sizes["501+"] - sizes["1-2"] == pytest.approx(0.5 * (36.5 - 17.9), abs=1.0)  # published ends
    building = seen["sector"] == "Construction"
    assert seen["mean"][building].mean() - seen["mean"][~building].mean() == pytest.approx(15, abs=0.5)


def test_regions_and_sectors_scale_spreads_by_their_log_ratio():
    spreads = {"region_spread": {"Scotland": 0.7}, "sector_spread": {"Manufacturing": -0.5}}
    ledger, truth = simulate_ledger(2000, seed=3, invoices_per_year=15, **PLAIN, **spreads)
    seen = customer_delays(ledger, truth)
    seen["log_sd"] = np.log(seen["sd"])
    scottish, making = seen["region"] == "Scotland", seen["sector"] == "Manufacturing"
    others = seen["log_sd"][~scottish & ~making].mean()
    assert seen["log_sd"][scottish & ~making].mean() - others == pytest.approx(0.7, abs=0.07)
    assert seen["log_sd"][making & ~scottish].mean() - others == pytest.approx(-0.5, abs=0.07)


def test_confounding_ties_the_sector_to_the_region():
    free, tied = (
        simulate_ledger(1500, invoices_per_year=1, confounding=c).truth.customers for c in (0.0, 1.0)
    )
    assert tied.groupby("region")["sector"].nunique().max() == 1
    assert free.groupby("region")["sector"].nunique().min() > 5


def test_terms_come_in_the_shares_given_and_set_the_due_date():
    ledger, truth = simulate_ledger(2000, invoices_per_year=1, terms={14: 1, 60: 3})
    assert (truth.customers["terms_days"] == 60).mean() == pytest.approx(0.75, abs=0.04)
    days = (ledger.invoices["due_on"] - ledger.invoices["issued_on"]).dt.days
    terms = truth.customers.set_index("customer_id")["terms_days"]
    assert days.tolist() == terms.reindex(truth.invoices["customer_id"]).tolist()


def test_who_has_payment_runs_pays_on_them_only_and_no_later_on_average():
    ledger, truth = simulate_ledger(
        600, seed=4, invoices_per_year=20, part_payments=0.2, **PLAIN, payment_runs=1.0
    )
    paid = truth.payments.merge(truth.customers[["customer_id", "payment_run"]])
    weekly = paid[paid["payment_run"] != "month end"]
    # a part that would come on the run after the last one is paid with the last one
    assert (weekly["paid_on"].dt.day_name() == weekly["payment_run"]).all()
    monthly = paid["paid_on"][paid["payment_run"] == "month end"]
    assert (monthly == (monthly + pd.offsets.BMonthEnd(0)).astype(monthly.dtype)).all()
    assert delays(truth, ledger).mean() == pytest.approx(10, abs=0.6)
    assert simulate_ledger(50, payment_runs=0.0).truth.customers["payment_run"].isna().all()


def test_without_payment_runs_nobody_pays_at_weekends():
    assert (simulate_ledger(50, world="structureless").truth.payments["paid_on"].dt.day_of_week < 5).all()


def test_growth_multiplies_the_number_of_invoices_month_by_month():
    ledger = simulate_ledger(1000, seed=6, growth=0.02).ledger
    years = ledger.invoices["issued_on"].dt.year.value_counts()
    assert years[2024] / years[2022] == pytest.approx(1.02**24, rel=0.05)


def test_the_season_peaks_at_the_end_of_november():
    ledger = simulate_ledger(1500, seed=7, season=0.5).ledger
    month = ledger.invoices["issued_on"].dt.month
    winter, summer = month.isin([11, 12]).mean(), month.isin([5, 6]).mean()
    # a cosine over a sixth of the year around its peak and its trough: 0.5 * sin(pi/6) / (pi/6)
    swing = 0.5 * np.sin(np.pi / 6) / (np.pi / 6)
    assert winter / summer == pytest.approx((1 + swing) / (1 - swing), rel=0.06)


def test_the_trend_is_in_days_per_year():
    types = (PayerType("worsening", 1.0, 20, 6, trend_days_per_year=12),)
    ledger, truth = simulate_ledger(300, seed=8, **{**PLAIN, "types": types})
    years = (ledger.invoices["issued_on"] - pd.Timestamp("2022-01-01")).dt.days / 365.25
    assert np.polyfit(years, delays(truth, ledger), 1)[0] == pytest.approx(12, abs=0.3)
    varied = simulate_ledger(2000, invoices_per_year=1, trend_sd=3.0, types=types).truth.customers
    assert varied["trend_days_per_year"].std() == pytest.approx(3, rel=0.1)


def test_part_payments_come_in_the_share_given():
    _, truth = simulate_ledger(200, **PLAIN, part_payments=0.2)
    parts = truth.payments.groupby("invoice_id").size()
    assert (parts > 1).mean() == pytest.approx(0.2, abs=0.02)
    assert (parts == 3).mean() == pytest.approx(0.05, abs=0.01)
    assert (simulate_ledger(50, part_payments=0.0).truth.payments.groupby("invoice_id").size() == 1).all()


def test_on_account_payments_name_no_invoice_and_lose_no_money():
    ledger, truth = simulate_ledger(100, seed=1, on_account=0.3)
    on_account = truth.customers["is_on_account"].to_numpy()[ledger.payments["customer_id"].cat.codes]
    assert ((ledger.payments["invoice_row"] == -1).to_numpy() == on_account).all()
    assert 0.15 < truth.customers["is_on_account"].mean() < 0.45
    known = truth.payments[truth.payments["paid_on"] <= ledger.as_of]
    assert ledger.payments["amount_minor"].sum() == known["amount_minor"].sum()


def test_reminders_go_to_the_late_and_a_working_one_brings_payment():
    ledger, truth = simulate_ledger(200, seed=2, reminder_response=0.5)
    sent, row = ledger.reminders["sent_on"].to_numpy(), ledger.reminders["invoice_row"].to_numpy()
    assert (sent > ledger.invoices["due_on"].to_numpy()[row]).all()
    settled, unreminded = truth.invoices["settled_on"], truth.invoices["settled_unreminded_on"]
    assert not (settled.to_numpy()[row] <= sent).any()
    assert settled.isna().equals(unreminded.isna())
    assert not (settled > unreminded).any()
    late = (unreminded - ledger.invoices["due_on"]).dt.days > 14
    reminded = np.isin(np.arange(len(ledger)), row)
    # of those reminded a week after the due date half pay within a week
    assert (settled < unreminded)[late & reminded].mean() > 0.5
    assert not (settled < unreminded)[(unreminded - ledger.invoices["due_on"]).dt.days <= 5].any()


def test_reminders_without_response_do_nothing():
    ledger, truth = simulate_ledger(100, reminder_response=0.0)
    assert len(ledger.reminders) > 500
    assert truth.invoices["settled_on"].equals(truth.invoices["settled_unreminded_on"])
    assert len(simulate_ledger(20, reminders=0.0).ledger.reminders) == 0


def test_a_dispute_delays_the_settlement_and_nothing_else_changes():
    (calm_ledger, calm), (_, truth) = (
        simulate_ledger(400, seed=9, **{**PLAIN, "disputes": d}) for d in (0.0, 0.1)
    )
    disputed = truth.invoices["is_disputed"]
    assert disputed.mean() == pytest.approx(0.1, abs=0.01)
    extra = (truth.invoices["settled_on"] - calm.invoices["settled_on"]).dt.days
    assert (extra[~disputed] == 0).all()
    assert extra[disputed].mean() == pytest.approx(20, abs=1)
    assert len(calm_ledger.disputes) == 0


def test_only_what_is_never_settled_is_written_off():
    ledger, truth = simulate_ledger(400, seed=3, write_offs=1.0, end="2026-12-31")
    closed = ledger.invoices["closed_on"].notna()
    assert closed.equals(ledger.invoices["closed_reason"] == "written_off")
    assert closed.sum() > 200
    assert truth.invoices["settled_on"][closed].isna().all()
    last_payment = ledger.payments.groupby("invoice_row")["paid_on"].max()
    late_parts = last_payment.reindex(np.flatnonzero(closed)).dropna()
    assert (late_parts.to_numpy() < ledger.invoices["closed_on"].to_numpy()[late_parts.index]).all()
    assert simulate_ledger(100, write_offs=0.0).ledger.invoices["closed_on"].isna().all()


def test_credit_notes_come_in_the_share_given_and_reduce_what_is_paid():
    ledger, _ = simulate_ledger(300, credit_notes=0.1)
    assert len(ledger.credit_notes) / len(ledger) == pytest.approx(0.1, abs=0.01)
    share = (
        ledger.credit_notes["amount_minor"].to_numpy()
        / ledger.invoices["amount_minor"].to_numpy()[ledger.credit_notes["invoice_row"]]
    )
    assert share.max() <= 0.4
    assert len(simulate_ledger(20, credit_notes=0.0).ledger.credit_notes) == 0


def test_credit_limits_are_whole_thousands_for_the_share_given():
    limits = simulate_ledger(1000, invoices_per_year=2, credit_limits=0.6).ledger.customers[
        "credit_limit_minor"
    ]
    assert limits.notna().mean() == pytest.approx(0.6, abs=0.05)
    assert (limits.dropna() % 100_000 == 0).all()
    assert limits.min() > 0


def test_few_invoices_and_regular_rhythms_come_as_asked():
    _, truth = simulate_ledger(600, seed=1, few_invoices=0.2)
    assert (truth.customers["n_invoices"] <= 3).mean() == pytest.approx(0.2, abs=0.05)
    gaps = {}
    for regular in (0.0, 1.0):
        invoices = simulate_ledger(100, regular=regular).ledger.invoices
        gap = invoices.groupby("customer_id", observed=True)["issued_on"].diff().dt.days
        by_customer = gap.groupby(invoices["customer_id"], observed=True)
        gaps[regular] = (by_customer.std() / by_customer.mean()).median()
    assert gaps[0.0] > 0.8  # exponential gaps: 1
    assert gaps[1.0] < 0.25


def test_newcomers_join_over_the_window():
    def first_days(newcomers):
        invoices = simulate_ledger(400, seed=1, newcomers=newcomers).ledger.invoices
        return invoices.groupby("customer_id", observed=True)["issued_on"].min()

    assert (first_days(1.0) > "2023-07-01").mean() == pytest.approx(0.5, abs=0.08)
    assert (first_days(0.0) > "2023-07-01").mean() < 0.01


def test_amounts_are_log_normal_around_the_median_asked():
    amounts = simulate_ledger(
        500, amount=300.0, customer_amount_log_sd=0.0, amount_log_sd=0.7
    ).ledger.invoices["amount_minor"]
    logs = np.log(amounts / 100)
    assert logs.mean() == pytest.approx(np.log(300), abs=0.02)
    assert logs.std() == pytest.approx(0.7, rel=0.02)


def test_dirty_names_differ_from_the_true_company_at_the_rate_given():
    ledger, truth = simulate_ledger(1000, invoices_per_year=1, dirty_names=0.4)
    differs = ledger.customers["name"] != truth.customers["company_name"]
    assert differs.equals(truth.customers["is_dirty"])
    assert differs.mean() == pytest.approx(0.4, abs=0.05)
    assert (ledger.customers["address"] != truth.customers["address"]).sum() > 300


def test_two_customers_may_share_a_name_but_not_a_company_number():
    _, truth = simulate_ledger(1000, invoices_per_year=1, shared_names=0.2)
    assert truth.customers["company_name"].duplicated().mean() > 0.1
    assert truth.customers["company_number"].is_unique
    assert truth.customers["company_number"].str.len().eq(8).all()


def test_wrong_enrichment_is_wrong_at_the_rate_given_and_flagged():
    ledger, truth = simulate_ledger(2000, invoices_per_year=1, wrong_enrichment=0.2, known_numbers=1.0)
    wrong = truth.customers["is_wrong_enrichment"]
    assert wrong.mean() == pytest.approx(0.2, abs=0.03)
    for column in ("region", "sector", "company_number"):
        assert (ledger.customers[column] != truth.customers[column]).equals(wrong)


def test_postcodes_lie_in_their_region():
    table = SHARED / "regions" / "outcode_itl1_recommended.csv"
    if not table.exists():
        pytest.skip("the table of postcode districts (../shared/data/regions) is not here")
    regions = pd.read_csv(table).set_index("outcode")["region"]
    customers = simulate_ledger(2000, invoices_per_year=1).truth.customers
    found = regions.reindex(customers["postcode"].str.split().str[0]).to_numpy()
    known = pd.notna(found)
    assert known.mean() > 0.9
    words = {"Yorkshire and The Humber": "Yorkshire", "East of England": "East of England"}
    agree = [
        w.get(t, t) in f
        for f, t, w in zip(found[known], customers["region"][known], [words] * known.sum(), strict=True)
    ]
    assert np.mean(agree) > 0.95


def test_the_realistic_world_has_the_margins_of_published_payment_practices():
    path = SHARED / "uk_payment_statistics" / "published_stats.json"
    days = {"mean": 37.07, "q25": 25, "median": 35, "q75": 46}
    late = {"mean": 29.77, "q25": 10, "median": 24, "q75": 44}
    if path.exists():
        published = json.loads(path.read_text())
        assert days.items() <= published["average_time_to_pay"].items()
        assert late.items() <= published["pct_not_within_terms"].items()
    ledger, truth = simulate_ledger(3000, world="realistic", seed=11)
    settled = truth.invoices["settled_on"]
    invoices = pd.DataFrame({
        "customer": truth.invoices["customer_id"], "days": (settled - ledger.invoices["issued_on"]).dt.days,
        "late": 100.0 * ~(settled <= ledger.invoices["due_on"]),
    })  # fmt: skip
    customers = invoices.groupby("customer").agg(
        days=("days", "mean"), late=("late", "mean"), n=("days", "size")
    )
    customers = customers[customers["n"] >= 5]  # a report describes a company with many invoices
    for column, published, tolerance in (("days", days, 2.5), ("late", late, 3.0)):
        assert customers[column].mean() == pytest.approx(published["mean"], abs=tolerance)
        quartiles = customers[column].quantile([0.25, 0.5, 0.75]).tolist()
        assert quartiles == pytest.approx([published[q] for q in ("q25", "median", "q75")], abs=tolerance)


def test_the_structureless_world_has_one_type_and_nothing_discrete():
    ledger, truth = simulate_ledger(2000, world="structureless", invoices_per_year=2)
    assert truth.segments["name"].tolist() == ["any payer"]
    assert truth.customers["terms_days"].unique().tolist() == [30]
    assert truth.customers["payment_run"].isna().all()
    # shifted log-normal: the logs of the distances to its lower end are normal
    log_scale, (low, sd) = 0.6, (10, 9)
    end = low - sd / np.sqrt(np.exp(log_scale**2) - 1)
    logs = np.log(truth.customers["mean_days_late"] - end)
    assert logs.skew() == pytest.approx(0, abs=0.2)
    assert logs.std() == pytest.approx(log_scale, rel=0.05)
    assert not ledger.invoices["closed_reason"].dropna().ne("written_off").any()


def test_the_easy_world_has_never_payers_among_the_chronic():
    _, truth = simulate_ledger(2000, invoices_per_year=3)
    assert set(truth.customers["segment_name"][truth.customers["never_pays"]]) == {"chronic"}
    never = truth.customers["never_pays"].sum() / (truth.customers["segment_name"] == "chronic").sum()
    assert never == pytest.approx(0.15, abs=0.07)
    debtors = truth.customers["customer_id"][truth.customers["never_pays"]]
    assert truth.invoices["settled_on"][truth.invoices["customer_id"].isin(debtors)].isna().all()


@given(
    n=st.integers(1, 12), seed=st.integers(0, 2**32), days=st.integers(0, 500),
    ratio=st.floats(0, 1), world=st.sampled_from(["easy", "realistic", "structureless"]),
)  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_any_small_world_is_a_ledger_that_keeps_its_promises(n, seed, days, ratio, world):
    end = pd.Timestamp("2023-01-01") + pd.Timedelta(days=days)
    names = (
        "payment_runs",
        "part_payments",
        "on_account",
        "credit_notes",
        "disputes",
        "reminder_response",
        "wrong_enrichment",
    )
    # simulate_ledger runs check_invariants itself
    ledger, truth = simulate_ledger(
        n, seed=seed, world=world, start="2023-01-01", end=end, **dict.fromkeys(names, ratio)
    )
    assert (ledger.payments["amount_minor"] > 0).all()
    assert (
        ledger.payments["amount_minor"].sum() + ledger.credit_notes["amount_minor"].sum()
        <= ledger.invoices["amount_minor"].sum()
    )
    assert len(truth.customers) == n


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            {"world": "hard"},
            UnknownNameError,
            "no world is called 'hard'. There are: easy, realistic, structureless",
        ),
        ({"regoin_effect": 1}, UnknownNameError, "Did you mean 'region_effect'"),
        ({"part_payments": 1.2}, LedgerError, "part_payments=1.2 is out of range: give a number from 0 to 1"),
        ({"growth": -1}, LedgerError, "growth=-1 is out of range: give a number from -0.5 to 1"),
        ({"terms": {}}, LedgerError, "terms={} has no positive weight"),
        ({"amount": -1}, LedgerError, "amount=-1 is out of range"),
        ({"region_effect": {"Cornwall": 1}}, LedgerError, "no effect can be set for 'Cornwall'"),
        ({"n_customers": 0}, LedgerError, "at least one customer"),
        ({"start": "2024-01-02", "end": "2024-01-01"}, LedgerError, "end on or after the start"),
        ({"end": "soon"}, LedgerError, "end='soon' is not a day"),
    ],
)
def test_a_wrong_option_is_an_error_that_says_what_to_do(call, error, message):
    with pytest.raises(error, match=message.replace("(", r"\(")):
        simulate_ledger(**call)
