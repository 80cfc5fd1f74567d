"""Measures on small books whose values are worked out on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payseg_widgets.features.compute import compute_features
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.features.measure import MEASURES
from payseg_widgets.features.measures.days_late_sd import days_late_sd
from payseg_widgets.features.measures.dso_count_back import dso_count_back
from payseg_widgets.features.measures.payment_consistency import (
    NORMAL,
    payment_consistency,
    small_sample_factor,
)
from payseg_widgets.features.presets import RECOMMENDED
from payseg_widgets.features.resample import split_half_reliability
from payseg_widgets.ledger.schema import LateRule, Ledger, assemble
from payseg_widgets.ledger.settle import NEVER, Postings, settle
from payseg_widgets.ledger.simulate import simulate_ledger
from payseg_widgets.segmentation.risk import risk_scores
from payseg_widgets.strategy.kpis import count_back_dso, key_figures


def book(
    invoices: list[tuple], payments: Sequence[tuple] = (), as_of: str = "2024-12-31", **options: Any
) -> Ledger:
    """Invoices as (id, issued, due, minor units[, closed on, reason]), payments as (id, day, minor units), of one customer."""
    columns = ["invoice_id", "issued_on", "due_on", "amount_minor", "closed_on", "closed_reason"]
    table = pd.DataFrame([(*row, None, None)[:6] for row in invoices], columns=columns)
    paid = pd.DataFrame(payments, columns=["invoice_id", "paid_on", "amount_minor"])

    def typed(frame: pd.DataFrame) -> pd.DataFrame:
        kinds = {c: "datetime64[s]" for c in frame if c.endswith("_on")} | {"amount_minor": "int64"}
        text = {c: "str" for c in ("invoice_id", "closed_reason") if c in frame}
        return frame.astype({**kinds, **text}).assign(customer_id="A")

    customers = pd.DataFrame({"customer_id": pd.Series(["A"], dtype="str")})
    return assemble(
        customers=customers, invoices=typed(table), payments=typed(paid), as_of=pd.Timestamp(as_of), currency="GBP", **options
    )  # fmt: skip


def of(ledger: Ledger, *names: str) -> list[float]:
    return compute_features(ledger, names).frame.iloc[0].tolist()


# Delays at the cap -----------------------------------------------------------------------------------------------


def delayed(delays: list[int | None]) -> Ledger:
    """Invoices due every ten days of 2022 and paid so many days late; ``None`` never."""
    due = pd.Timestamp("2022-03-01") + pd.to_timedelta(np.arange(len(delays)) * 10, unit="D")
    invoices = [(f"I{k:03d}", day - pd.Timedelta(days=30), day, 100) for k, day in enumerate(due)]
    payments = [
        (f"I{k:03d}", due[k] + pd.Timedelta(days=delay), 100)
        for k, delay in enumerate(delays)
        if delay is not None
    ]
    return book(invoices, payments)


SPREAD = ("payment_consistency", "days_late_sd", "days_late_trend")


@pytest.mark.parametrize("delays", [[None] * 20, [75] * 20, [60, 90, 75, 61] * 10])
def test_delays_beyond_the_cap_have_no_spread_and_no_trend(delays: list) -> None:
    table = compute_features(delayed(delays), SPREAD)
    assert table.frame.isna().all(axis=None)
    assert all("60 days or longer" in why for why in table.reasons.iloc[0])


def test_few_invoices_are_the_reason_where_they_are_few() -> None:
    reasons = compute_features(delayed([None]), ["payment_consistency", "days_late_trend"]).reasons.iloc[0]
    assert reasons["payment_consistency"].endswith("fewer than 3 invoices were due 60 or more days ago")
    assert "there are not 5 invoices" in reasons["days_late_trend"]


def test_without_its_invoices_a_table_names_both_reasons() -> None:
    table = compute_features(delayed([None] * 5), SPREAD)
    loaded = type(table)(table.frame, table.measures, table.as_of, table.late_rule, table.currency)
    assert (loaded.reasons.iloc[0].str.count(", or ") == 1).all()


@given(st.lists(st.integers(-80, 150), min_size=3, max_size=30))
@settings(max_examples=150, deadline=None)
def test_the_cap_never_shows_in_the_spread(delays: list[int]) -> None:
    """Wherever there is a spread, it is that of the uncapped delays, and of delays however much longer."""
    due = np.full(len(delays), 19_000, np.int32)
    settled = SettledInvoices.from_arrays(
        customer_ids=np.array(["A"]), start=np.array([0, len(due)]), issued=due - np.int32(90), due_agreed=due, due=due,
        amount=np.full(len(due), 100), closed_on=np.full(len(due), NEVER), is_lost=np.zeros(len(due), bool), as_of=20_000,
        payments=Postings(
            np.array([0, len(due)]), np.sort(due + np.array(delays, np.int32)), np.argsort(delays).astype(np.int32),
            np.full(len(due), 100),
        ),
    )  # fmt: skip
    spread, sd = payment_consistency(settled)[0], days_late_sd(settled)[0]
    x = np.array(delays)
    factor = NORMAL * small_sample_factor(np.array([len(x)]))[0]
    true, near, far = (
        factor * np.median(np.abs(y - np.median(y)))
        for y in (x, np.minimum(x, 60), np.where(x >= 60, x + 9_999, x))
    )
    most_are_capped = 2 * np.sum(x >= 60) >= len(x)
    is_told = not most_are_capped and near == far
    assert np.isnan(spread) == (not is_told)
    if is_told:
        assert spread == pytest.approx(true)
    assert sd == pytest.approx(np.std(x, ddof=1) if x.max() < 60 else np.nan, nan_ok=True)


@pytest.mark.parametrize("seed", range(2))
def test_customers_who_never_pay_are_among_the_riskiest(seed: int) -> None:
    ledger, truth = simulate_ledger(300, seed=seed, world="easy")
    table = compute_features(ledger)
    place = risk_scores(table, table.frame[list(RECOMMENDED)]).rank(ascending=False)
    never = truth.customers.set_index("customer_id")["never_pays"].reindex(table.frame.index).astype(bool)
    place = place[never & (table.counts["n_invoices"] >= 5)]
    assert len(place)
    assert (place <= 15).all()  # of 300


# Sales -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["cancelled", "returned"])
def test_an_invoice_that_was_cancelled_or_returned_is_no_sale(reason: str) -> None:
    names = [
        "total_invoiced", "invoiced_last_year", "average_invoice", "n_invoices", "overdue_ratio", "amount_concentration",
        "dso_classic", "dso_count_back", "credit_note_ratio", "write_off_ratio",
    ]  # fmt: skip
    rows: list[tuple] = [("a", "2024-10-15", "2024-11-14", 300), ("b", "2024-12-11", "2025-01-10", 100)]
    paid = [("a", "2024-11-20", 200)]
    void = ("v", "2024-12-20", "2025-01-20", 90_000, "2024-12-22", reason)
    without, with_void = book(rows, paid), book([*rows, void], paid)
    assert of(with_void, *names) == of(without, *names)
    assert of(without, *names[:5]) == [4.0, 4.0, 2.0, 2.0, 100 / 400]
    # 200 is open: all of the 100 of day 20, then a third of day 77's 300
    assert of(without, "dso_count_back") == [pytest.approx(77 + 100 / 300)]
    figures = [
        {k.name: k.value for k in key_figures(SettledInvoices.from_ledger(x), "rule")}
        for x in (without, with_void)
    ]
    assert figures[0] == pytest.approx(figures[1], nan_ok=True)


def test_a_written_off_invoice_was_sold() -> None:
    lost = book([("a", "2024-01-01", "2024-01-31", 300, "2024-11-01", "written_off")])
    assert of(lost, "total_invoiced", "n_invoices", "write_off_ratio") == [3.0, 1.0, 1.0]


def test_a_customer_of_cancelled_invoices_alone_has_no_average() -> None:
    table = compute_features(
        book([("v", "2024-12-20", "2025-01-20", 900, "2024-12-22", "cancelled")]),
        ["average_invoice", "overdue_ratio"],
    )
    assert table.frame.isna().all(axis=None)
    assert table.reasons["overdue_ratio"].iloc[0] == "not estimable: nothing was invoiced"


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 50), st.booleans()), min_size=1, max_size=12),
)
@settings(max_examples=30, deadline=None)
def test_count_back_is_one_figure_for_customer_and_portfolio(rows: list[tuple[int, int, bool]]) -> None:
    """A portfolio of one customer."""
    today = pd.Timestamp("2024-12-31")
    invoices = [
        (f"I{k}", today - pd.Timedelta(days=age), today, pounds * 100)
        for k, (age, pounds, _) in enumerate(rows)
    ]
    payments = [(f"I{k}", today, pounds * 100) for k, (_, pounds, is_paid) in enumerate(rows) if is_paid]
    settled = SettledInvoices.from_ledger(book(invoices, payments))
    assert dso_count_back(settled)[0] == pytest.approx(count_back_dso(settled))


# Bounced payments --------------------------------------------------------------------------------------------------

DEBT = [("a", "2024-05-02", "2024-06-01", 100)]


def test_a_bounced_payment_presented_again_is_one_payment() -> None:
    again = book(DEBT, [("a", "2024-05-20", 100), ("a", "2024-05-23", -100), ("a", "2024-06-03", 100)])
    assert of(again, "part_payment_ratio", "negotiation_frequency", "mean_days_late") == [0, 0, 2]
    assert (
        settle(again).first_payment_on[0] == settle(again).last_payment_on[0] == settle(again).settled_on[0]
    )


def test_after_a_bounced_payment_nothing_has_been_paid() -> None:
    bounced = book(DEBT, [("a", "2024-05-20", 100), ("a", "2024-05-23", -100)])
    assert np.isnan(of(bounced, "part_payment_ratio")[0])
    assert settle(bounced).n_payments[0] == 0
    assert settle(bounced).last_payment_on[0] == settle(bounced).first_payment_on[0] == NEVER


def test_of_two_parts_one_is_left_when_the_other_bounces() -> None:
    parts = [("a", "2024-05-20", 40), ("a", "2024-05-25", 60), ("a", "2024-05-28", -60)]
    assert settle(book(DEBT, parts)).n_payments[0] == 1
    again = settle(book(DEBT, [*parts, ("a", "2024-05-28", 60)]))
    assert again.n_payments[0] == 2


def test_a_refund_in_part_leaves_the_one_payment() -> None:
    assert settle(book(DEBT, [("a", "2024-05-20", 100), ("a", "2024-05-23", -10)])).n_payments[0] == 1


# The next business day ---------------------------------------------------------------------------------------------


def test_an_invoice_due_on_a_saturday_is_neither_early_nor_late_until_monday_is_over() -> None:
    due = "2024-06-01"  # a Saturday
    rows = [(name, "2024-05-02", due, 100) for name in "abcd"]
    names = ("mean_days_late", "early_payment_ratio", "on_time_ratio")
    for paid_on, expected in (
        ("2024-05-30", (-2, 1, 1)),
        ("2024-06-01", (0, 0, 1)),
        ("2024-06-03", (0, 0, 1)),
        ("2024-06-04", (1, 0, 0)),
    ):
        ledger = book(rows, [(row[0], paid_on, 100) for row in rows], late_rule=LateRule("next_business_day"))
        assert of(ledger, *names) == list(expected)
        figures = {k.name: k.value for k in key_figures(SettledInvoices.from_ledger(ledger), "rule")}
        assert [figures[k] for k in ("mean_delay", "early_ratio")] == list(expected[:2])


def test_money_on_account_has_no_split_half_reliability() -> None:
    """It is not of invoices: both halves hold all of it, which would read as perfect reliability."""
    settled = SettledInvoices.from_ledger(simulate_ledger(60, seed=5, world="realistic").ledger)
    on_account = replace(settled.settlement, unallocated_minor=np.arange(settled.n_customers))
    settled = replace(settled, _settlement=on_account)
    reliability = split_half_reliability(settled, [MEASURES["unallocated"], MEASURES["on_time_ratio"]])
    assert list(reliability.index) == ["unallocated", "on_time_ratio"]
    assert np.isnan(reliability["unallocated"])
    assert reliability["on_time_ratio"] > 0.5
