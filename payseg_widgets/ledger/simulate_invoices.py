"""Draw the invoices of a simulated world and what becomes of each; days are numbers since 1970-01-01."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from payseg_widgets.ledger.simulate_customers import RUNS, flags, skewed, stream
from payseg_widgets.ledger.simulate_world import World

NEVER = np.iinfo("int64").max // 2
"""A day that never comes."""

_REMINDER_DAYS = (7, 21, 42)
_MONTH_END = RUNS.index("month end")


@dataclass(frozen=True)
class Drawn:
    """The invoices of a world, sorted by customer, issue date and id; all arrays of the same length."""

    customer: np.ndarray
    issued: np.ndarray
    due: np.ndarray
    amount: np.ndarray
    number: np.ndarray
    """Running number in order of issue."""
    run: np.ndarray
    """Payment run of the customer, as position in ``RUNS``; -1 for none."""
    settled: np.ndarray | None = None
    settled_unreminded: np.ndarray | None = None
    disputed: np.ndarray | None = None
    """Day the dispute was opened; ``NEVER`` for none."""


def draw_invoices(world: World, customers: pd.DataFrame, seed: int, first: int, last: int) -> Drawn:
    """Draw who was invoiced, when and how much, between the days ``first`` and ``last``."""
    volume = _volume(world, first, last)
    lost = volume[customers["joined"].to_numpy()]
    years = (last - first + 1) / 365.25
    expected = customers["invoices_per_year"].to_numpy() * years * (1 - lost / volume[-1])
    count = np.maximum(stream(seed, "count").poisson(expected), 1)
    few = customers["n_few_invoices"].to_numpy()
    count = np.where(few > 0, few, count)
    customer = np.repeat(np.arange(len(customers)), count)
    share = stream(seed, "moment").random(len(customer))
    step = np.arange(len(customer)) - np.repeat(np.cumsum(count) - count, count)
    evenly = (step + 0.5 + 0.15 * (share - 0.5)) / count[customer]
    share = np.where(customers["is_regular"].to_numpy()[customer], evenly, share)
    moment = np.interp(lost[customer] + share * (volume[-1] - lost[customer]), volume, np.arange(len(volume)))
    issued = np.clip(_weekday(first + moment.astype("int64")), first, last)
    log_amount = customers["log_amount"].to_numpy()[customer] + world.amount_log_sd * stream(
        seed, "amount"
    ).standard_normal(len(customer))
    order = np.lexsort((issued, customer))
    customer, issued = customer[order], issued[order]
    number = np.empty(len(order), dtype="int64")
    number[np.argsort(issued, kind="stable")] = np.arange(1, len(order) + 1)
    return Drawn(
        customer=customer, issued=issued, number=number,
        amount=np.maximum(np.exp(log_amount) * 100, 100).astype("int64"),
        due=issued + customers["terms_days"].to_numpy()[customer],
        run=customers["payment_run"].to_numpy()[customer],
    )  # fmt: skip


def _volume(world: World, first: int, last: int) -> np.ndarray:
    """Return the invoices expected by the start of each day and the end of the last, in any unit."""
    day = np.arange(first, last + 1)
    peak = np.cos(2 * np.pi * (day - np.datetime64("2021-11-30").astype("int64")) / 365.25)
    return np.concatenate(
        [[0.0], np.cumsum((1 + world.growth) ** ((day - first) / 30.4375) * (1 + world.season * peak))]
    )


def _weekday(day: np.ndarray) -> np.ndarray:
    """Move Saturday to Friday and Sunday to Monday: no bank books at weekends, and the mean stays."""
    weekday = (day + 3) % 7
    return day - (weekday == 5) + (weekday == 6)


def _last_weekday_of_month(day: np.ndarray) -> np.ndarray:
    month_end = (day.astype("datetime64[D]").astype("datetime64[M]") + 1).astype("datetime64[D]").astype(
        "int64"
    ) - 1
    return month_end - np.maximum((month_end + 3) % 7 - 4, 0)


def pay_day(wish: np.ndarray, run: np.ndarray, issued: np.ndarray) -> np.ndarray:
    """Return the day a payment meant for the day ``wish`` is booked, never before the invoice is issued.

    A customer with payment runs starts from half a cycle earlier, so that runs leave the mean delay as it is.
    """
    wish = np.where(run == _MONTH_END, wish - 15, np.where(run >= 0, wish - 3, wish))
    wish = np.maximum(wish, issued)
    booked = np.where(run >= 0, wish + (run - (wish + 3)) % 7, np.maximum(_weekday(wish), issued))
    monthly = run == _MONTH_END
    this_month = _last_weekday_of_month(wish[monthly])
    next_month = _last_weekday_of_month(this_month + 7)
    booked[monthly] = np.where(this_month >= wish[monthly], this_month, next_month)
    return booked


def settle(world: World, customers: pd.DataFrame, invoices: Drawn, seed: int, first: int, last: int) -> Drawn:
    """Decide when each invoice is settled in full, were nobody reminded; disputes delay it."""
    who, n = invoices.customer, len(invoices.customer)
    years = (invoices.issued - (first + last) / 2) / 365.25
    of = {
        c: customers[c].to_numpy()[who]
        for c in ("mean_days_late", "spread_days", "trend_days_per_year", "unpaid_ratio")
    }
    delay = of["mean_days_late"] + of["trend_days_per_year"] * years
    delay = delay + of["spread_days"] * skewed(stream(seed, "delay"), n, world.invoice_skew)
    wish = invoices.due + np.rint(delay).astype("int64")
    settled = pay_day(wish, invoices.run, invoices.issued)
    disputed = flags(stream(seed, "disputed"), n, world.disputes)
    opened = invoices.issued + (stream(seed, "opened").random(n) * (settled - invoices.issued)).astype(
        "int64"
    )
    extra = stream(seed, "dispute days").gamma(2.0, world.dispute_days / 2, n).astype("int64")
    settled = np.where(disputed, pay_day(settled + extra, invoices.run, settled), settled)
    unpaid = stream(seed, "unpaid").random(n) < of["unpaid_ratio"]
    settled = np.where(unpaid, NEVER, settled)
    return replace(
        invoices, settled=settled, settled_unreminded=settled, disputed=np.where(disputed, opened, NEVER)
    )


def remind(world: World, invoices: Drawn, seed: int) -> tuple[Drawn, pd.DataFrame]:
    """Remind those who are late; a reminder that works is followed by payment within a week.

    Who will never pay is not moved by a reminder.
    """
    assert invoices.settled is not None  # noqa: S101
    settled, sent_rows, n = invoices.settled, [], len(invoices.customer)
    for day in _REMINDER_DAYS:
        sent_on = _weekday(invoices.due + day)
        sent = (settled > sent_on) & flags(stream(seed, f"reminder {day}"), n, world.reminders)
        works = sent & flags(stream(seed, f"response {day}"), n, world.reminder_response) & (settled < NEVER)
        after = sent_on + stream(seed, f"days {day}").integers(1, 8, n)
        sent_rows.append(pd.DataFrame({"row": np.flatnonzero(sent), "day": sent_on[sent]}))
        settled = np.where(works, np.minimum(settled, pay_day(after, np.full(n, -1), sent_on + 1)), settled)
    return replace(invoices, settled=settled), pd.concat(sent_rows, ignore_index=True)


def draw_credits(world: World, invoices: Drawn, seed: int) -> pd.DataFrame:
    """Draw partial credit notes, 5 to 40 % of the invoice, issued before it is settled."""
    assert invoices.settled is not None  # noqa: S101
    row = np.flatnonzero(flags(stream(seed, "credited"), len(invoices.customer), world.credit_notes))
    end = np.minimum(invoices.settled[row], invoices.due[row] + 30)
    span = np.maximum(end - invoices.issued[row], 0)
    day = invoices.issued[row] + (stream(seed, "credit day").random(len(row)) * span).astype("int64")
    part = stream(seed, "credit part").uniform(0.05, 0.4, len(row))
    return pd.DataFrame(
        {"row": row, "day": day, "amount": np.maximum((invoices.amount[row] * part).astype("int64"), 1)}
    )


def draw_payments(world: World, invoices: Drawn, credit: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Pay each invoice: at once, or in two or three parts of which the last comes on the day it is settled.

    Of the never settled ones that were to be paid in parts, the first part is paid and nothing more.
    """
    assert invoices.settled is not None  # noqa: S101
    n = len(invoices.customer)
    owed = invoices.amount.copy()
    owed[credit["row"].to_numpy()] -= credit["amount"].to_numpy()
    parts = 1 + flags(stream(seed, "parts"), n, world.part_payments) + 0
    parts = np.where((parts == 2) & flags(stream(seed, "third"), n, 0.25), 3, parts)
    paid = invoices.settled < NEVER
    final = np.where(paid, invoices.settled, invoices.due + stream(seed, "hope").integers(20, 60, n))
    left, rows = owed, []
    for part in (1, 2):
        at = np.flatnonzero((parts > part) & (paid | (part == 1)))
        amount = np.maximum(
            (left[at] * stream(seed, f"part {part}").uniform(0.3, 0.6, len(at))).astype("int64"), 1
        )
        wish = final[at] - stream(seed, f"gap {part}").integers(7, 15, len(at)) * (parts[at] - part)
        day = np.minimum(pay_day(wish, invoices.run[at], invoices.issued[at]), final[at])
        rows.append(pd.DataFrame({"row": at, "day": day, "amount": amount}))
        left = left.copy()
        left[at] -= amount
    whole = np.flatnonzero(paid)
    rows.append(pd.DataFrame({"row": whole, "day": final[whole], "amount": left[whole]}))
    return pd.concat(rows, ignore_index=True).sort_values(["row", "day", "amount"], ignore_index=True)


def draw_write_offs(world: World, invoices: Drawn, seed: int) -> np.ndarray:
    """Return the day each invoice is written off; ``NEVER`` for those that are not."""
    assert invoices.settled is not None  # noqa: S101
    n = len(invoices.customer)
    chosen = (invoices.settled >= NEVER) & flags(stream(seed, "written off"), n, world.write_offs)
    return np.where(chosen, _weekday(invoices.due + stream(seed, "write off").integers(180, 271, n)), NEVER)
