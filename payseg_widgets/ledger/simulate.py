"""Simulate a receivables ledger whose truth is known: who pays how, and what region, sector and size do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from importlib import metadata
from typing import Any

import numpy as np
import pandas as pd

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.schema import RECONCILIATION_COLUMNS, TABLES, LateRule, Ledger, assemble
from payseg_widgets.ledger.simulate_customers import (
    RUNS,
    as_written,
    draw_customers,
    effect_tables,
    flags,
    stream,
    with_identity,
)
from payseg_widgets.ledger.simulate_invoices import (
    NEVER,
    Drawn,
    draw_credits,
    draw_invoices,
    draw_payments,
    draw_write_offs,
    remind,
    settle,
)
from payseg_widgets.ledger.simulate_world import World, world_of


@dataclass(frozen=True, repr=False)
class Truth:
    """What the ledger does not say.

    Attributes
    ----------
    customers : pandas.DataFrame
        One row per customer of the ledger, same order: ``customer_id``, ``segment`` (0 is the least risky
        type), ``segment_name``, ``region``, ``sector``, ``size_band``, ``mean_days_late`` and ``spread_days``
        (of an invoice in the middle of the window, with all effects, before reminders, disputes and
        weekends), ``trend_days_per_year``, ``never_pays``, ``unpaid_ratio``, ``terms_days``, ``payment_run``
        (a weekday, ``"month end"`` or missing), ``is_regular``, ``is_on_account``, ``credit_limit_minor``,
        ``n_invoices``, ``company_name``, ``company_number``, ``postcode``, ``address``, ``is_dirty``,
        ``is_wrong_enrichment``.
    segments : pandas.DataFrame
        The payer types with their parameters, see `PayerType`.
    effects : pandas.DataFrame
        ``factor`` (region, sector, size_band), ``name``, ``share``, ``mean_days`` (added to the mean),
        ``log_spread`` (added to the log of the spread).
    invoices : pandas.DataFrame
        One row per invoice of the ledger, same order: ``invoice_id``, ``customer_id``, ``settled_on`` (in
        full, also after the cut; NaT is never), ``settled_unreminded_on`` (had nobody been reminded),
        ``is_disputed``.
    payments : pandas.DataFrame
        Every payment, also after the cut, with the invoice it was meant for: ``invoice_id``, ``customer_id``,
        ``paid_on``, ``amount_minor``.
    """

    customers: pd.DataFrame
    segments: pd.DataFrame
    effects: pd.DataFrame
    invoices: pd.DataFrame
    payments: pd.DataFrame

    def __repr__(self) -> str:
        n = {name: len(getattr(self, name)) for name in ("customers", "segments", "invoices")}
        return f"Truth({', '.join(f'{name}={rows}' for name, rows in n.items())})"


@dataclass(frozen=True)
class SimulatedLedger:
    """A simulated ledger and its truth; unpacks as ``ledger, truth = simulate_ledger()``."""

    ledger: Ledger
    truth: Truth

    def __iter__(self) -> Iterator[Any]:
        yield self.ledger
        yield self.truth


def simulate_ledger(
    n_customers: int = 400,
    *,
    seed: int = 0,
    world: str | World = "easy",
    start: str | date | pd.Timestamp = "2022-01-01",
    end: str | date | pd.Timestamp = "2024-12-31",
    late_rule: LateRule | None = None,
    **options: Any,
) -> SimulatedLedger:
    """Return a simulated ledger, cut at ``end``, and its truth.

    Parameters
    ----------
    n_customers : int
    seed : int
        The same seed and options give the same ledger. Each quantity has a random stream of its own, so that
        changing one option leaves the draws of the others as they are.
    world : {"easy", "realistic", "structureless"} or World
        ``"easy"``: four well separated types of payer. ``"realistic"``: overlapping types, margins like the
        published UK payment-practice statistics. ``"structureless"``: one smooth continuum, no types.
    start, end : date
        First and last day on which an invoice may be issued; ``end`` is the ``as_of`` of the ledger. Facts
        after it are only in the truth.
    late_rule : LateRule, optional
    **options
        Any field of `World`, in place of the world's own: ``region_effect=1.0``, ``terms={30: 1, 60: 1}`` ...

    Returns
    -------
    SimulatedLedger
        Money in pence (GBP).

    Raises
    ------
    LedgerError
        If there is no customer or no day, or an option is out of range.
    UnknownNameError
        If a world or an option is not known.

    References
    ----------
    Region and size defaults: days beyond terms, Experian, first quarter of 2010. Margins of the realistic
    world: UK payment practices and performance reports, 2017-2020.

    Examples
    --------
    >>> ledger, truth = simulate_ledger(50, seed=1)
    >>> ledger.as_of
    Timestamp('2024-12-31 00:00:00')
    >>> truth.segments["name"].tolist()
    ['prompt', 'steady late', 'erratic', 'chronic']
    """
    chosen = world_of(world, options)
    first, last = _day(start, "start"), _day(end, "end")
    if n_customers < 1 or last < first:
        raise LedgerError(
            f"n_customers={n_customers}, start={start}, end={end} leave nothing to simulate: "
            "ask for at least one customer and an end on or after the start."
        )
    customers = draw_customers(chosen, n_customers, seed, last - first + 1)
    drawn = settle(chosen, customers, draw_invoices(chosen, customers, seed, first, last), seed, first, last)
    drawn, reminders = remind(chosen, drawn, seed)
    customers = _with_credit_limit(
        chosen, with_identity(chosen, customers, seed), drawn, seed, last - first + 1
    )
    credit = draw_credits(chosen, drawn, seed)
    payments = draw_payments(chosen, drawn, credit, seed)
    names = _Names(drawn, customers)
    truth = _truth(chosen, customers, drawn, payments, names)
    ledger = assemble(
        customers=as_written(chosen, customers, seed),
        invoices=_invoices(drawn, names, draw_write_offs(chosen, drawn, seed), last),
        payments=_payments(customers, drawn, payments, names, last),
        credit_notes=_facts(credit, names, last, day="issued_on"),
        reminders=_facts(reminders, names, last, day="sent_on"),
        disputes=_disputes(drawn, names, last),
        as_of=_dates(np.array([last]))[0], currency="GBP", late_rule=late_rule,
        provenance={
            "source": "simulate_ledger", "n_customers": n_customers, "seed": seed,
            "world": world if isinstance(world, str) else repr(world),
            "options": {name: repr(value) for name, value in options.items()},
            "versions": {"payseg_widgets": metadata.version("payseg-widgets"), "numpy": np.__version__},
        },
    )  # fmt: skip
    return SimulatedLedger(replace(ledger, reconciliation=_reconciliation(ledger)), truth)


def _day(value: str | date | pd.Timestamp, name: str) -> int:
    try:
        return int(np.datetime64(pd.Timestamp(value).date(), "D").astype("int64"))
    except (ValueError, TypeError) as error:
        raise LedgerError(f"{name}={value!r} is not a day: give one like '2024-12-31'.") from error


def _dates(days: np.ndarray) -> pd.DatetimeIndex:
    """Turn day numbers into dates; ``NEVER`` is NaT."""
    return pd.DatetimeIndex(
        np.where(days >= NEVER, np.datetime64("NaT"), days.astype("datetime64[D]")).astype("datetime64[s]")
    )


class _Names:
    """Ids as text, made once."""

    def __init__(self, drawn: Drawn, customers: pd.DataFrame) -> None:
        width = max(6, len(str(len(drawn.number))))
        self.invoice = np.char.add("INV-", np.char.zfill(drawn.number.astype(str), width)).astype(object)
        self.customer = customers["customer_id"].to_numpy(object)[drawn.customer]


def _with_credit_limit(
    world: World, customers: pd.DataFrame, drawn: Drawn, seed: int, days: int
) -> pd.DataFrame:
    """Set limits at one to six months of turnover, in whole thousands; those without a limit have none."""
    n = len(customers)
    monthly = np.bincount(drawn.customer, weights=drawn.amount, minlength=n) / (days / 30.4375)
    months = np.exp(stream(seed, "limit").normal(np.log(2.5), 0.4, n)).clip(1, 6)
    limit = pd.Series((np.ceil(monthly * months / 100_000) * 100_000).astype("int64"), dtype="Int64")
    return customers.assign(
        credit_limit_minor=limit.where(flags(stream(seed, "has limit"), n, world.credit_limits)),
        n_invoices=np.bincount(drawn.customer, minlength=n),
    )


def _truth(
    world: World, customers: pd.DataFrame, drawn: Drawn, payments: pd.DataFrame, names: _Names
) -> Truth:
    assert drawn.settled is not None  # noqa: S101
    assert drawn.settled_unreminded is not None  # noqa: S101
    assert drawn.disputed is not None  # noqa: S101
    run = np.array([*RUNS, None], dtype=object)[customers["payment_run"]]
    invoices = pd.DataFrame({
        "invoice_id": pd.Series(names.invoice, dtype="str"),
        "customer_id": pd.Series(names.customer, dtype="str"),
        "settled_on": _dates(drawn.settled), "settled_unreminded_on": _dates(drawn.settled_unreminded),
        "is_disputed": drawn.disputed < NEVER,
    })  # fmt: skip
    row = payments["row"].to_numpy()
    return Truth(
        customers=customers.assign(payment_run=pd.Series(run, dtype="str"))
        .drop(columns=["joined", "n_few_invoices", "log_amount", "invoices_per_year"])
        .astype({"customer_id": "str"}),
        segments=pd.DataFrame([vars(t) for t in world.types]),
        effects=effect_tables(world),
        invoices=invoices,
        payments=pd.DataFrame({
            "invoice_id": invoices["invoice_id"].array[row],
            "customer_id": invoices["customer_id"].array[row],
            "paid_on": _dates(payments["day"].to_numpy()), "amount_minor": payments["amount"].to_numpy(),
        }),
    )  # fmt: skip


def _reconciliation(ledger: Ledger) -> pd.DataFrame:
    """State that every simulated row was accepted, as the reader does for every row it read."""
    rows = []
    for name in TABLES:
        table = getattr(ledger, name)
        money = table["amount_minor"].sum() if "amount_minor" in table else None
        none = None if money is None else 0
        rows += [(name, outcome, len(table), money) for outcome in ("read", "accepted")]
        rows += [(name, outcome, 0, none) for outcome in ("duplicate", "rejected")]
    frame = pd.DataFrame(rows, columns=list(RECONCILIATION_COLUMNS))
    return frame.astype({"table": "str", "outcome": "str", "amount_minor": "Int64"})


def _invoices(drawn: Drawn, names: _Names, written_off: np.ndarray, last: int) -> pd.DataFrame:
    closed = np.where(written_off <= last, written_off, NEVER)
    reason = pd.Series("written_off", index=range(len(closed)), dtype="str")
    return pd.DataFrame({
        "invoice_id": pd.Series(names.invoice, dtype="str"), "customer_id": names.customer,
        "issued_on": _dates(drawn.issued), "due_on": _dates(drawn.due), "amount_minor": drawn.amount,
        "closed_on": _dates(closed),
        "closed_reason": reason.where(closed < NEVER),
    })  # fmt: skip


def _facts(facts: pd.DataFrame, names: _Names, last: int, *, day: str) -> pd.DataFrame:
    """Return the facts known by the last day as a table for `assemble`."""
    known = facts[facts["day"] <= last]
    row = known["row"].to_numpy()
    table = pd.DataFrame(
        {
            "invoice_row": row.astype("int32"),
            "customer_id": names.customer[row],
            day: _dates(known["day"].to_numpy()),
        }
    )
    return table.assign(amount_minor=known["amount"].to_numpy()) if "amount" in known else table


def _payments(
    customers: pd.DataFrame, drawn: Drawn, payments: pd.DataFrame, names: _Names, last: int
) -> pd.DataFrame:
    """Return the payments; who pays on account sends one sum a day that names no invoice."""
    table = _facts(payments, names, last, day="paid_on")
    on_account = customers["is_on_account"].to_numpy()[drawn.customer[table["invoice_row"].to_numpy()]]
    sums = table[on_account].groupby(["customer_id", "paid_on"], as_index=False)["amount_minor"].sum()
    return pd.concat([table[~on_account], sums.assign(invoice_row=np.int32(-1))], ignore_index=True)


def _disputes(drawn: Drawn, names: _Names, last: int) -> pd.DataFrame:
    assert drawn.disputed is not None  # noqa: S101
    row = np.flatnonzero(drawn.disputed < NEVER)
    table = _facts(pd.DataFrame({"row": row, "day": drawn.disputed[row]}), names, last, day="opened_on")
    return table.assign(known_on=table["opened_on"])
