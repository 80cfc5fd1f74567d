"""Contracts every registered measure keeps, by its declared unit; and proof that they catch faulty ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from payseg_widgets.features.compute import compute_features
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.features.measure import MEASURES, UNITS, Measure, define
from payseg_widgets.features.measures import __name__ as home
from payseg_widgets.ledger.schema import TABLES, Ledger, assemble
from payseg_widgets.ledger.settle import Postings
from payseg_widgets.ledger.simulate import simulate_ledger

NAMES = list(MEASURES)
DATES = ("issued_on", "due_on", "closed_on", "paid_on", "sent_on", "opened_on", "known_on")
TEXT = {"payments", "credit_notes", "reminders", "disputes"}


# Ledgers -------------------------------------------------------------------------------------------------------


def tables_of(ledger: Ledger) -> dict[str, pd.DataFrame]:
    """The tables as `assemble` takes them: customers as text, invoices by id."""
    ids = ledger.invoices["invoice_id"]
    tables = {}
    for name in TABLES:
        table = getattr(ledger, name)
        table = table.assign(customer_id=table["customer_id"].astype("str"))
        if name in TEXT:
            named = pd.Series(ids.reindex(table["invoice_row"]).to_numpy(), index=table.index, dtype="str")
            table = table.assign(invoice_id=named).drop(columns="invoice_row")
        tables[name] = table
    return tables


def rebuilt(ledger: Ledger, change: Callable[[str, pd.DataFrame], pd.DataFrame], *, later: int = 0) -> Ledger:
    """The ledger with each table changed and the clock moved on by some days."""
    tables = {name: change(name, table).reset_index(drop=True) for name, table in tables_of(ledger).items()}
    as_of = ledger.as_of + pd.Timedelta(days=later)
    return assemble(**tables, as_of=as_of, currency=ledger.currency, late_rule=ledger.late_rule)


DAY = pd.Timestamp("2024-06-30")


@dataclass(frozen=True)
class Worlds:
    """One ledger as known on a day, and the variants a measure is compared on."""

    base: SettledInvoices
    other_future: SettledInvoices
    alone: dict[str, SettledInvoices]
    shuffled: SettledInvoices
    later: SettledInvoices
    richer: SettledInvoices


def cut(ledger: Ledger) -> Ledger:
    return ledger.until(DAY)


def worlds_of(full: Ledger, cut: Callable[[Ledger], Ledger] = cut) -> Worlds:
    ledger, honest = cut(full), full.until(DAY)
    rng = np.random.default_rng(1)
    ids = honest.customers["customer_id"]
    ids = ids[ids.isin(honest.invoices["customer_id"].astype("str"))]
    variants = {
        "base": ledger,
        "other_future": cut(rebuilt(full, other_future)),
        "shuffled": rebuilt(honest, lambda _, table: table.iloc[rng.permutation(len(table))]),
        "later": rebuilt(honest, next_year, later=364),
        "richer": rebuilt(honest, richer),
    }
    alone = {
        c: rebuilt(honest, lambda _, table, c=c: table[table["customer_id"] == c]) for c in ids.iloc[::25]
    }
    settled = {name: SettledInvoices.from_ledger(variant) for name, variant in variants.items()}
    return Worlds(**settled, alone={c: SettledInvoices.from_ledger(variant) for c, variant in alone.items()})


def other_future(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """After the day two of three payments never come, and nobody is reminded or disputes."""
    day = {"payments": "paid_on", "reminders": "sent_on", "disputes": "known_on"}.get(name)
    if day is None:
        return table
    return table[(table[day] <= DAY) | ((np.arange(len(table)) % 3 == 0) & (name == "payments"))]


def next_year(_: str, table: pd.DataFrame) -> pd.DataFrame:
    """52 weeks later: weekdays stay."""
    moved = {c: (table[c] + pd.Timedelta(days=364)).astype("datetime64[s]") for c in DATES if c in table}
    return table.assign(**moved)


def richer(_: str, table: pd.DataFrame) -> pd.DataFrame:
    """Eight times the money."""
    return table.assign(**{c: table[c] * 8 for c in table if c.endswith("_minor")})


def overpaid(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Every fortieth payment is made twice over; the simulator's customers never do that."""
    if name != "payments":
        return table
    twice = np.where(np.arange(len(table)) % 40 == 0, 2, 1)
    return table.assign(amount_minor=table["amount_minor"] * twice)


@pytest.fixture(scope="module")
def full() -> Ledger:
    """A world with everything in it: parts, money on account, disputes, reminders, credit, overpayments."""
    options = {"part_payments": 0.15, "credit_notes": 0.1, "disputes": 0.1, "reminder_response": 0.3}
    world = {"world": "realistic", "start": "2023-01-01", "on_account": 0.1, "write_offs": 1.0, **options}
    return rebuilt(simulate_ledger(120, seed=6, **world).ledger, overpaid)


@pytest.fixture(scope="module")
def ledger(full: Ledger) -> Ledger:
    return full.until(DAY)


@pytest.fixture(scope="module")
def worlds(full: Ledger) -> Worlds:
    return worlds_of(full)


def values(invoices: SettledInvoices, measure: Measure) -> pd.Series:
    with np.errstate(divide="ignore", invalid="ignore"):
        return pd.Series(measure.compute(invoices), index=pd.Index(invoices.customer_ids))


def same(a: pd.Series, b: pd.Series) -> bool:
    return a.index.equals(b.index) and np.allclose(a, b, rtol=1e-9, atol=1e-9, equal_nan=True)


# Contracts: each says whether a measure keeps it -------------------------------------------------------------------


def sees_no_future(measure: Measure, worlds: Worlds) -> bool:
    return same(values(worlds.other_future, measure), values(worlds.base, measure))


def depends_on_own_rows(measure: Measure, worlds: Worlds) -> bool:
    everyone = values(worlds.base, measure)
    return all(same(values(alone, measure), everyone[[c]]) for c, alone in worlds.alone.items())


def ignores_row_order(measure: Measure, worlds: Worlds) -> bool:
    return same(values(worlds.shuffled, measure), values(worlds.base, measure))


def ignores_whole_weeks(measure: Measure, worlds: Worlds) -> bool:
    return same(values(worlds.later, measure), values(worlds.base, measure))


def scales_with_money(measure: Measure, worlds: Worlds) -> bool:
    factor = 8 if measure.unit == "money" else 1
    return same(values(worlds.richer, measure), values(worlds.base, measure) * factor)


def keeps_its_range(measure: Measure, worlds: Worlds) -> bool:
    value = values(worlds.base, measure).dropna()
    is_above = measure.can_be_negative or bool((value >= 0).all())
    return is_above and (measure.unit != "ratio" or bool((value <= 1).all()))


CONTRACTS = (
    sees_no_future, depends_on_own_rows, ignores_row_order, ignores_whole_weeks, scales_with_money, keeps_its_range,
)  # fmt: skip


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_every_measure_keeps_the_contract(name: str, contract: Callable, worlds: Worlds) -> None:
    assert contract(MEASURES[name], worlds)


@pytest.mark.parametrize("name", NAMES)
def test_every_measure_says_something_about_this_world(name: str, worlds: Worlds) -> None:
    assert values(worlds.base, MEASURES[name]).dropna().unique().size > 1


@pytest.mark.parametrize("name", NAMES)
def test_every_measure_explains_itself(name: str) -> None:
    measure = MEASURES[name]
    assert measure.unit in UNITS
    assert measure.label
    assert measure.meaning.endswith(".")
    assert not measure.reason.endswith(".")
    assert measure.worse in ("higher", "lower", "")
    assert measure.compute.__module__.startswith((home, "payseg_widgets.features.ageing"))


def few(ledger: Ledger, which: str) -> Ledger:
    first = ledger.invoices.groupby("customer_id", observed=True)["invoice_id"].first()
    if which == "one invoice each":
        named = ledger.invoices["invoice_id"].isin(first)
        kept = set(ledger.invoices["invoice_id"][named])

        def change(name: str, table: pd.DataFrame) -> pd.DataFrame:
            return table[table["invoice_id"].isin(kept)] if "invoice_id" in table else table

    elif which == "nothing paid":

        def change(name: str, table: pd.DataFrame) -> pd.DataFrame:
            return table.iloc[:0] if name in ("payments", "credit_notes") else table

    else:

        def change(name: str, table: pd.DataFrame) -> pd.DataFrame:
            return table if name == "customers" else table.iloc[:0]

    return rebuilt(ledger, change)


@pytest.mark.parametrize("which", ["one invoice each", "nothing paid", "no invoice"])
def test_little_data_give_values_or_reasons_never_an_error(which: str, ledger: Ledger) -> None:
    table = compute_features(few(ledger, which))
    assert len(table) == (0 if which == "no invoice" else len(compute_features(ledger)))
    assert not np.isinf(table.frame.to_numpy()).any()
    assert (table.reasons.ne("") == table.frame.isna()).all(axis=None)
    assert (table.counts >= 0).all(axis=None)


def test_a_reason_is_given_exactly_where_a_value_is_missing(ledger: Ledger) -> None:
    table = compute_features(ledger)
    assert (table.reasons.ne("") == table.frame.isna()).all(axis=None)
    reasons = table.reasons.to_numpy()[table.frame.isna().to_numpy()]
    assert len(reasons)
    assert all(reason.startswith("not estimable: ") for reason in reasons)


def test_nothing_known_about_delays_is_not_nought_days(ledger: Ledger) -> None:
    day = ledger.invoices["issued_on"].max()
    fresh = rebuilt(
        ledger,
        lambda n, t: t[t["issued_on"] == day] if n == "invoices" else (t if n == "customers" else t.iloc[:0]),
    )
    assert compute_features(fresh, ["mean_days_late", "on_time_ratio"]).frame.isna().all(axis=None)


# Planted faults -------------------------------------------------------------------------------------------------


def portfolio_clock(invoices: SettledInvoices) -> np.ndarray:
    """The clock is the portfolio's last payment, not ``as_of``: it reads other customers."""
    return float(invoices.payments.on.max()) - invoices.by_customer.quantile(invoices.issued, 1.0)


def money_called_days(invoices: SettledInvoices) -> np.ndarray:
    """Mean amount, said to be days."""
    return invoices.by_customer.mean(invoices.amount)


def share_of_portfolio(invoices: SettledInvoices) -> np.ndarray:
    """The customer's part of all money: other customers move it."""
    return invoices.invoiced / invoices.amount.sum()


def day_of_issue(invoices: SettledInvoices) -> np.ndarray:
    """The day of issue since 1970 itself: the calendar moves it."""
    return invoices.by_customer.mean(invoices.issued)


def more_than_all(invoices: SettledInvoices) -> np.ndarray:
    """Called a ratio, and above 1."""
    return invoices.by_customer.sum(invoices.is_known) / 2.0


def last_row_s_day(invoices: SettledInvoices) -> np.ndarray:
    """The last row is taken for the latest payment: the order of rows moves it."""
    rows = invoices.payments
    return np.array(
        [rows.on[end - 1] - invoices.as_of if end > begin else np.nan for begin, end in pairwise(rows.start)]
    )


@pytest.mark.parametrize(
    ("fault", "unit", "broken"),
    [
        (portfolio_clock, "days", depends_on_own_rows),
        (money_called_days, "days", scales_with_money),
        (share_of_portfolio, "ratio", depends_on_own_rows),
        (day_of_issue, "days", ignores_whole_weeks),
        (more_than_all, "ratio", keeps_its_range),
    ],
    ids=lambda v: getattr(v, "__name__", v),
)
def test_the_contracts_catch_a_faulty_measure(
    fault: Callable, unit: str, broken: Callable, worlds: Worlds
) -> None:
    assert not broken(define(fault, fault.__name__, label="Faulty", unit=unit), worlds)


def test_the_contracts_catch_a_measure_that_depends_on_row_order(worlds: Worlds) -> None:
    payments = worlds.base.payments
    customer = np.repeat(np.arange(worlds.base.n_customers), np.diff(payments.start))
    order = np.lexsort((-payments.on, customer))
    unsorted = Postings(payments.start, payments.on[order], payments.row[order], payments.amount[order])
    measure = define(last_row_s_day, "last_row", label="Faulty", unit="days")
    assert not ignores_row_order(measure, replace(worlds, shuffled=replace(worlds.base, payments=unsorted)))


@pytest.mark.parametrize(
    "name", ["mean_days_late", "mean_days_to_pay", "outstanding", "days_since_last_payment"]
)
def test_the_contracts_catch_a_cut_that_lets_the_future_through(name: str, full: Ledger) -> None:
    leaky = worlds_of(full, lambda ledger: replace(ledger, as_of=DAY))
    assert not sees_no_future(MEASURES[name], leaky)
