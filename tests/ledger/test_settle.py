"""Cash is applied to invoices by the stated rule, and none is made or lost."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from payseg_widgets.ledger.schema import Ledger, assemble
from payseg_widgets.ledger.settle import NEVER, Postings, lots, settle, settle_arrays
from payseg_widgets.ledger.simulate import simulate_ledger

DAY0 = np.datetime64("2024-01-01")


def days(values: list[int | None]) -> pd.Series:
    return pd.Series([pd.NaT if v is None else DAY0 + v for v in values], dtype="datetime64[s]")


def ledger_of(
    invoices: list[tuple[str, int, int, int | None]],
    payments: list[tuple[str, int | None, int, int]] = (),
    notes: list[tuple[str, int | None, int, int]] = (),
) -> Ledger:
    """Invoices: customer, issued, amount, closed. Payments and notes: customer, position in invoices, day, amount."""
    n = len(invoices)
    tables = {}
    for name, day, rows in (("payments", "paid_on", payments), ("credit_notes", "issued_on", notes)):
        tables[name] = pd.DataFrame(
            {
                "invoice_id": pd.Series(
                    [None if r[1] is None else f"I{r[1]:03d}" for r in rows], dtype="str"
                ),
                "customer_id": pd.Series([r[0] for r in rows], dtype="str"),
                day: days([r[2] for r in rows]),
                "amount_minor": pd.Series([r[3] for r in rows], dtype="int64"),
            }
        )
    return assemble(
        customers=pd.DataFrame({"customer_id": pd.Series([], dtype="str")}),
        invoices=pd.DataFrame(
            {
                "invoice_id": pd.Series([f"I{i:03d}" for i in range(n)], dtype="str"),
                "customer_id": pd.Series([i[0] for i in invoices], dtype="str"),
                "issued_on": days([i[1] for i in invoices]),
                "due_on": days([i[1] + 30 for i in invoices]),
                "amount_minor": pd.Series([i[2] for i in invoices], dtype="int64"),
                "closed_on": days([i[3] for i in invoices]),
                "closed_reason": pd.Series(
                    [None if i[3] is None else "written_off" for i in invoices], dtype="str"
                ),
            }
        ),
        **tables,
        as_of=pd.Timestamp("2025-12-31"),
        currency="GBP",
    )


def day_of(settled: np.ndarray) -> list[int | None]:
    """Days since DAY0, None for never."""
    origin = DAY0.astype("datetime64[D]").astype(int)
    return [None if s == NEVER else int(s - origin) for s in settled]


def test_an_invoice_is_settled_on_the_day_its_last_part_arrives() -> None:
    s = settle(ledger_of([("A", 0, 100, None)], [("A", 0, 10, 40), ("A", 0, 25, 60)]))
    assert day_of(s.settled_on) == [25]
    assert day_of(s.first_payment_on) == [10]
    assert day_of(s.last_payment_on) == [25]
    assert s.n_payments.tolist() == [2]


def test_two_transfers_of_one_day_are_one_payment() -> None:
    s = settle(ledger_of([("A", 0, 100, None)], [("A", 0, 10, 40), ("A", 0, 10, 60)]))
    assert s.n_payments.tolist() == [1]


def test_money_on_account_pays_the_oldest_open_invoice_first() -> None:
    s = settle(ledger_of([("A", 0, 100, None), ("A", 5, 50, None)], [("A", None, 20, 120)]))
    assert s.paid_minor.tolist() == [100, 20]
    assert day_of(s.settled_on) == [20, None]


def test_an_overpayment_waits_for_the_next_invoice_and_pays_it_on_its_issue_date() -> None:
    s = settle(ledger_of([("A", 0, 100, None), ("A", 50, 30, None)], [("A", 0, 10, 145)]))
    assert day_of(s.settled_on) == [10, 50]
    assert s.unallocated_minor.tolist() == [15]


def test_a_bounced_payment_opens_its_invoice_again() -> None:
    s = settle(ledger_of([("A", 0, 100, None)], [("A", 0, 10, 100), ("A", 0, 13, -100), ("A", 0, 40, 100)]))
    assert day_of(s.settled_on) == [40]
    bounced = settle(ledger_of([("A", 0, 100, None)], [("A", 0, 10, 100), ("A", 0, 13, -100)]))
    assert bounced.outstanding_minor.tolist() == [100]
    assert day_of(bounced.settled_on) == [None]


def test_a_refund_takes_from_the_balance_before_it_opens_an_invoice() -> None:
    s = settle(ledger_of([("A", 0, 100, None)], [("A", 0, 10, 130), ("A", 0, 20, -30)]))
    assert day_of(s.settled_on) == [10]
    assert s.unallocated_minor.tolist() == [0]


def test_a_refund_beyond_everything_paid_leaves_the_balance_below_zero() -> None:
    s = settle(ledger_of([("A", 0, 100, None)], [("A", 0, 10, 50), ("A", None, 20, -80)]))
    assert s.paid_minor.tolist() == [0]
    assert s.unallocated_minor.tolist() == [-30]


def test_a_credit_note_reduces_what_is_owed_but_is_no_payment() -> None:
    s = settle(
        ledger_of(
            [("A", 0, 100, None), ("A", 1, 70, None)], [("A", 0, 10, 60)], [("A", 0, 5, 40), ("A", 1, 5, 70)]
        )
    )
    assert day_of(s.settled_on) == [10, None]  # the second was cancelled by credit alone
    assert s.credited_minor.tolist() == [40, 70]
    assert s.outstanding_minor.tolist() == [0, 0]


def test_a_written_off_invoice_is_neither_outstanding_nor_settled_even_when_recovered() -> None:
    s = settle(ledger_of([("A", 0, 100, 60)], [("A", 0, 10, 30)]))
    assert (s.outstanding_minor.tolist(), s.forgone_minor.tolist(), day_of(s.settled_on)) == (
        [0],
        [70],
        [None],
    )
    late = settle(ledger_of([("A", 0, 100, 60)], [("A", 0, 90, 100)]))
    assert (late.paid_minor.tolist(), late.forgone_minor.tolist(), day_of(late.settled_on)) == (
        [100],
        [0],
        [None],
    )


def test_money_on_account_passes_over_a_closed_invoice() -> None:
    s = settle(ledger_of([("A", 0, 100, 10), ("A", 5, 50, None)], [("A", None, 20, 80)]))
    assert s.paid_minor.tolist() == [0, 50]
    assert s.unallocated_minor.tolist() == [30]


def test_a_ledger_without_invoices_keeps_its_money() -> None:
    s = settle(ledger_of([], [("A", None, 20, 80)]))
    assert s.unallocated_minor.tolist() == [80]


def test_lots_cover_every_customer_once() -> None:
    start = np.array([0, 5, 5, 6, 30, 31])
    cut = list(lots(start, size=4))
    assert [c for low, high in cut for c in range(low, high)] == [0, 1, 2, 3, 4]


# A second, slow settlement: pennies and plain lists ------------------------------------------------------------


@dataclass
class Slow:
    invoices: list[tuple[str, int, int, int | None]]
    paid: list[int] = field(default_factory=list)
    credited: list[int] = field(default_factory=list)
    cash: int = 0
    credit: int = 0

    def open_on(self, day: int) -> list[int]:
        """Open invoices that the balance may pay, oldest first."""
        return [
            i for i, (_, issued, amount, closed) in enumerate(self.invoices)
            if issued <= day and (closed is None or closed > day) and self.paid[i] + self.credited[i] < amount
        ]  # fmt: skip

    def spread(self, day: int) -> None:
        for i in self.open_on(day):
            for purse, into in (("cash", self.paid), ("credit", self.credited)):
                used = max(
                    0, min(getattr(self, purse), self.invoices[i][2] - self.paid[i] - self.credited[i])
                )
                into[i] += used
                setattr(self, purse, getattr(self, purse) - used)

    def run(self, payments: list, notes: list) -> Slow:
        self.paid, self.credited = [0] * len(self.invoices), [0] * len(self.invoices)
        for day in range(120):
            self.spread(day)
            for is_cash, events in ((False, notes), (True, payments)):
                for _, i, on, money in sorted(events, key=lambda e: (e[2], -1 if e[1] is None else e[1])):
                    if on == day:
                        self.event(is_cash, i, money)
                        self.spread(day)
        return self

    def event(self, is_cash: bool, i: int | None, money: int) -> None:
        if money < 0:
            taken = min(-money, max(self.cash, 0))
            self.cash, money = self.cash - taken, -money - taken
            newest_first = reversed(range(len(self.invoices)))
            for k in ([] if i is None else [i]) + list(newest_first):
                taken = min(money, self.paid[k])
                self.paid[k], money = self.paid[k] - taken, money - taken
            self.cash -= money
            return
        into = self.paid if is_cash else self.credited
        used = 0 if i is None else min(money, self.invoices[i][2] - self.paid[i] - self.credited[i])
        if i is not None:
            into[i] += used
        if is_cash:
            self.cash += money - used
        else:
            self.credit += money - used


@st.composite
def histories(draw: st.DrawFn) -> tuple[list, list, list]:
    issued = sorted(draw(st.lists(st.integers(0, 60), min_size=1, max_size=5)))
    invoices = [
        ("A", d, draw(st.integers(1, 30)), draw(st.sampled_from([None, None, None, d + 25]))) for d in issued
    ]
    which = st.one_of(st.none(), st.integers(0, len(invoices) - 1))
    rows = st.tuples(st.just("A"), which, st.integers(60, 100), st.integers(1, 40))
    refunds = st.tuples(st.just("A"), which, st.integers(60, 100), st.integers(-30, -1))
    payments = draw(st.lists(st.one_of(rows, rows, refunds), max_size=7))
    return invoices, payments, draw(st.lists(rows, max_size=3))


def postings_of(rows: list) -> Postings:
    """Events of one customer in the order a ledger has them."""
    known = sorted(((on, -1 if i is None else i, money) for _, i, on, money in rows), key=lambda r: r[:2])
    on, row, money = (
        np.array([r[k] for r in known], kind) for k, kind in enumerate((np.int32, np.int32, np.int64))
    )
    return Postings(np.array([0, len(rows)]), on, row, money)


@given(histories())
@settings(max_examples=300, deadline=None)
def test_the_compiled_rule_is_the_plain_rule_and_conserves_money(history: tuple[list, list, list]) -> None:
    invoices, payments, notes = history
    never = int(NEVER)
    fast = settle_arrays(
        start=np.array([0, len(invoices)]),
        issued=np.array([i[1] for i in invoices], np.int32),
        amount=np.array([i[2] for i in invoices], np.int64),
        closed=np.array([never if i[3] is None else i[3] for i in invoices], np.int32),
        payments=postings_of(payments),
        credit_notes=postings_of(notes),
    )
    slow = Slow(invoices).run(payments, notes)
    assert fast.paid_minor.tolist() == slow.paid
    assert fast.credited_minor.tolist() == slow.credited
    assert (fast.unallocated_minor[0], fast.unallocated_credit_minor[0]) == (slow.cash, slow.credit)
    assert sum(p[3] for p in payments) == fast.paid_minor.sum() + fast.unallocated_minor.sum()
    assert sum(n[3] for n in notes) == fast.credited_minor.sum() + fast.unallocated_credit_minor.sum()
    amount = np.array([i[2] for i in invoices])
    assert (fast.paid_minor >= 0).all()
    assert (
        fast.paid_minor + fast.credited_minor + fast.outstanding_minor + fast.forgone_minor == amount
    ).all()


def test_the_simulator_s_truth_is_recovered_where_every_payment_names_its_invoice() -> None:
    ledger, truth = simulate_ledger(60, seed=3, credit_notes=0.0, on_account=0.0)
    known = truth.invoices["settled_on"].where(truth.invoices["settled_on"] <= ledger.as_of)
    true_days = known.to_numpy().astype("datetime64[D]").astype(np.int64)
    settled = settle(ledger).settled_on
    assert (settled[known.notna()] == true_days[known.notna()]).all()
    assert (settled[known.isna()] == NEVER).all()
