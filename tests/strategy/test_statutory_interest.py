"""Statutory interest against examples worked out by hand, and the rates against the law's own days."""

from __future__ import annotations

import pandas as pd
import pytest

from payseg_widgets import simulate_ledger, statutory_interest
from payseg_widgets.errors import ForecastError
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.strategy.statutory_interest import base_rates, interest_on


def owed(pence, due, until, **options):
    made = interest_on(pd.Series([pence]), pd.Series(pd.to_datetime([due])), until, **options).iloc[0]
    return made["percent"], made["days"], made["interest_minor"], made["compensation_minor"]


@pytest.mark.parametrize(
    ("pence", "due", "until", "expected"),
    [
        # 1,000.00 x 13.25 % x 30 / 365 = 10.8904: overdue from 1 February 2024, so the rate of 31 December 2023
        (100_000, "2024-01-31", "2024-03-01", (13.25, 30, 1089, 7_000)),
        # 5,000.00 x 8.10 % x 100 / 365 = 110.9589: overdue from 1 July 2021
        (500_000, "2021-06-30", "2021-10-08", (8.10, 100, 11_096, 7_000)),
        # the same debt due a day sooner starts to bear interest in June: 31 December 2020, 0.10 %
        (500_000, "2021-06-29", "2021-10-08", (8.10, 101, 11_207, 7_000)),
        # 12,000.00 x 9.25 % x 365 / 365: the rate of 30 June 2022 stays although the base rate rose in the year
        (1_200_000, "2022-08-01", "2023-08-01", (9.25, 365, 111_000, 10_000)),
        (
            99_999,
            "2024-12-31",
            "2025-01-31",
            (12.75, 31, 1_083, 4_000),
        ),  # 999.99 x 12.75 % x 31 / 365 = 10.8286
        (999_999, "2024-12-31", "2025-01-01", (12.75, 1, 349, 7_000)),  # 9,999.99 x 12.75 % / 365 = 3.4931
        (1_000_000, "2024-12-31", "2025-01-01", (12.75, 1, 349, 10_000)),
    ],
)
def test_interest_as_worked_out_by_hand(pence, due, until, expected):
    assert owed(pence, due, until) == pytest.approx(expected)


def test_what_is_not_late_bears_nothing():
    percent, *rest = owed(100_000, "2030-01-31", "2029-12-31")  # its base rate is not known, nor asked for
    assert pd.isna(percent)
    assert rest == [0, 0, 0]


def test_the_time_of_day_costs_no_day():
    assert owed(100_000, "2024-01-31 18:00", "2024-03-01") == owed(100_000, "2024-01-31", "2024-03-01 09:00")


def test_debts_of_one_name_are_told_apart():
    due = pd.Series(pd.to_datetime(["2024-01-31", "2024-02-15"]), index=["a", "a"])
    made = interest_on(pd.Series([100_000, 100_000], index=["a", "a"]), due, "2024-03-01")
    assert made["days"].tolist() == [30, 15]


DUE = pd.Series(pd.to_datetime(["2024-01-31"]))
NO_DEBT = [
    ((pd.Series([1e5], index=["a"]), DUE, "2024-03-01"), "owed_minor and due_on have different indexes"),
    ((pd.Series([1e5]), DUE, DUE.set_axis([7])), "owed_minor and until have different indexes"),
    ((pd.Series([float("nan")]), DUE, "2024-03-01"), "owed_minor is missing in 1 row"),
    ((pd.Series([1e5]), pd.Series(pd.to_datetime([None])), "2024-03-01"), "due_on is missing in 1 row"),
    ((pd.Series([1e5]), DUE, pd.Series(pd.to_datetime([None]))), "until is missing in 1 row"),
    ((pd.Series([-100_000]), DUE, "2024-03-01"), "owed_minor is -100,000: a credit bears no interest"),
]


@pytest.mark.parametrize(("given", "message"), NO_DEBT, ids=[message for _, message in NO_DEBT])
def test_what_is_no_debt_is_refused(given, message):
    with pytest.raises(ForecastError, match=message):
        interest_on(*given)


def test_paid_days_may_differ():
    due = pd.Series(pd.to_datetime(["2024-01-31", "2024-01-31"]))
    made = interest_on(
        pd.Series([100_000, 100_000]), due, pd.Series(pd.to_datetime(["2024-03-01", "2024-01-31"]))
    )
    assert made["interest_minor"].tolist() == [1089, 0]


def test_every_half_year_has_a_rate():
    rates = base_rates()
    wanted = pd.DatetimeIndex([f"{year}-{day}" for year in range(2002, 2026) for day in ("06-30", "12-31")])
    assert list(rates.index) == list(wanted)
    assert rates.between(0.1, 5.5).all()


def test_a_day_that_is_not_known_is_asked_for_and_can_be_given():
    with pytest.raises(ForecastError, match=r"base rate of 2026-06-30 is not known.*rates="):
        owed(100_000, "2026-08-01", "2026-09-01")
    with pytest.raises(ForecastError, match="base rate of 2001-12-31"):
        owed(100_000, "2002-03-01", "2002-09-01")
    more = pd.concat([base_rates(), pd.Series({pd.Timestamp("2026-06-30"): 3.0})])
    assert owed(100_000, "2026-08-01", "2026-09-01", rates=more)[0] == 11.0


def test_a_ledger_s_overdue_invoices_are_charged_on_what_is_open():
    ledger = simulate_ledger(40, seed=2, world="realistic").ledger
    claims = statutory_interest(ledger)
    invoices = SettledInvoices.from_ledger(ledger)
    overdue = (invoices.outstanding > 0) & (invoices.due_agreed < invoices.as_of)
    assert claims["outstanding_minor"].sum() == invoices.outstanding[overdue].sum()
    assert len(claims) == overdue.sum()
    assert (claims["compensation_minor"] > 0).all()


def test_another_currency_is_refused():
    from dataclasses import replace

    with pytest.raises(ForecastError, match="is in EUR"):
        statutory_interest(replace(simulate_ledger(5).ledger, currency="EUR"))
