"""Key figures against figures worked out on paper."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.ledger.schema import LateRule, assemble
from payseg_widgets.strategy.kpis import (
    best_possible_dso,
    classic_dso,
    count_back_dso,
    key_figures,
    late_share,
    mean_delay,
    segment_figures,
    top_debtors,
    top_share,
)  # fmt: skip
from payseg_widgets.strategy.payment_curve import median_days, unpaid_curve

AS_OF = pd.Timestamp("2024-12-31")


def book(rows, *, grace=0):
    """Invoices as (customer, issued, due, pounds, paid on or None)."""
    days = lambda values: pd.to_datetime(list(values)).as_unit("s")  # noqa: E731
    invoices = pd.DataFrame(
        {
            "invoice_id": [f"I{i}" for i in range(len(rows))],
            "customer_id": [r[0] for r in rows],
            "issued_on": days(r[1] for r in rows),
            "due_on": days(r[2] for r in rows),
            "amount_minor": [r[3] * 100 for r in rows],
            "closed_on": pd.Series([None] * len(rows), dtype="datetime64[s]"),
            "closed_reason": pd.Series([None] * len(rows), dtype="str"),
        }
    )
    paid = [(f"I{i}", r[0], r[4], r[3] * 100) for i, r in enumerate(rows) if r[4]]
    payments = pd.DataFrame(
        {
            "invoice_id": pd.Series([p[0] for p in paid], dtype="str"),
            "customer_id": pd.Series([p[1] for p in paid], dtype="str"),
            "paid_on": days(p[2] for p in paid),
            "amount_minor": pd.Series([p[3] for p in paid], dtype="int64"),
        }
    )
    ledger = assemble(
        customers=pd.DataFrame({"customer_id": pd.Series(dtype="str")}), invoices=invoices, payments=payments,
        as_of=AS_OF, currency="GBP", late_rule=LateRule(grace_days=grace),
    )  # fmt: skip
    return SettledInvoices.from_ledger(ledger)


FOUR = [
    ("a", "2024-12-22", "2025-01-21", 1000, None),  # open, not due, 9 days old
    ("a", "2024-12-12", "2024-12-22", 500, None),  # open, 9 days overdue, 19 days old
    ("b", "2024-11-01", "2024-12-01", 300, "2024-12-05"),  # 4 days late
    ("b", "2024-10-01", "2024-10-31", 200, "2024-10-21"),  # 10 days early
]


def test_dso_counts_back_through_the_most_recent_sales():
    # 1,500 is open; the sales of the last 20 days (ages 0 to 19) are 1,000 + 500 = 1,500
    assert count_back_dso(book(FOUR)) == pytest.approx(20.0)


def test_dso_counts_the_last_day_in_part():
    rows = [
        ("a", "2024-12-31", "2025-01-30", 100, None),
        ("a", "2024-12-30", "2025-01-29", 200, "2024-12-30"),
        ("a", "2024-01-01", "2024-02-01", 100, None),
    ]
    assert count_back_dso(book(rows)) == pytest.approx(1 + 100 / 200)  # all of day 0, half of day 1


def test_dso_is_zero_with_nothing_open_and_not_a_number_when_the_balance_exceeds_all_sales():
    assert count_back_dso(book(FOUR[2:])) == 0.0


def test_classic_dso_is_the_balance_over_daily_sales():
    # oldest invoice is 91 days old, so the window is 92 days: 1,500 / 2,000 x 92
    assert classic_dso(book(FOUR)) == pytest.approx(1500 / 2000 * 92)
    assert best_possible_dso(book(FOUR)) == pytest.approx(1000 / 2000 * 92)


@pytest.mark.parametrize(("grace", "expected"), [(0, 2 / 3), (4, 1 / 3), (9, 0.0)])
def test_open_overdue_invoices_count_as_late_and_those_not_due_do_not_count(grace, expected):
    # due so far: one open 9 days overdue, one paid 4 days late, one early; with 9 days of grace the first is not judged
    assert late_share(book(FOUR, grace=grace)) == pytest.approx(expected)


def test_mean_delay_of_a_settled_book_is_the_plain_mean():
    assert mean_delay(book(FOUR[2:])) == pytest.approx((4 - 10) / 2)


def test_the_largest_debtors_come_first_and_only_who_owes():
    top = top_debtors(book(FOUR))
    assert top["customer_id"].tolist() == ["a"]
    assert top.iloc[0][["outstanding", "overdue", "share", "oldest_days_overdue"]].tolist() == [
        1500.0,
        500.0,
        1.0,
        9,
    ]
    assert top_share(book(FOUR), 10) == 1.0


def test_segment_rows_add_up():
    table = segment_figures(book(FOUR), np.array([0, -1]))
    assert table.index.tolist() == [0, -1, "all"]
    assert table["invoiced"].tolist() == [1500.0, 500.0, 2000.0]
    assert table["outstanding_share"].tolist() == [1.0, 0.0, 1.0]


def test_every_late_rate_states_its_rule():
    kpis = {k.name: k for k in key_figures(book(FOUR), "late = paid after the due date")}
    for name in ("late_ratio", "late_ratio_settled", "overdue"):
        assert "late = paid after the due date" in kpis[name].definition
    assert kpis["early_ratio"].value == 0.5


def test_the_unpaid_curve_agrees_with_statsmodels():
    from statsmodels.duration.survfunc import SurvfuncRight

    rng = np.random.default_rng(5)
    start = pd.Timestamp("2024-01-01")
    rows = []
    for _ in range(300):
        issued = start + pd.Timedelta(days=int(rng.integers(0, 360)))
        paid = issued + pd.Timedelta(days=int(rng.integers(1, 120)))
        rows.append(
            (
                "a",
                f"{issued:%Y-%m-%d}",
                f"{issued + pd.Timedelta(days=30):%Y-%m-%d}",
                10,
                f"{paid:%Y-%m-%d}" if paid <= AS_OF else None,
            )
        )
    invoices = book(rows)
    curve = unpaid_curve(invoices)
    oracle = SurvfuncRight(
        invoices.days_late + 1000.0, invoices.is_settled.astype(int)
    )  # the oracle wants times above 0
    for time, share in zip(oracle.surv_times - 1000, oracle.surv_prob, strict=True):
        assert curve[int(time)] == pytest.approx(share)
    assert 0.5 >= curve[median_days(curve)] > 0.4


def test_the_unpaid_curve_of_nobody_is_unknown():
    nobody = book(FOUR).customers(np.array([], dtype=int))
    assert unpaid_curve(nobody).isna().all()


@pytest.mark.parametrize(("paid_on", "expected"), [("2024-01-02", -89), ("2024-12-17", 261), (None, np.nan)])
def test_the_median_is_that_of_the_whole_curve(paid_on, expected):
    curve = unpaid_curve(book([("a", "2024-01-01", "2024-03-31", 10, paid_on)] * 3))
    assert curve.index[[0, -1]].tolist() == [-60, 180]
    assert median_days(curve) == pytest.approx(expected, nan_ok=True)
