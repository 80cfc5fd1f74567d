"""The worlds `simulate_ledger` can draw: payer types, portfolios, what is published about UK payers."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from payseg_widgets.errors import LedgerError, UnknownNameError


@dataclass(frozen=True)
class PayerType:
    """One kind of payer.

    Attributes
    ----------
    name : str
    share : float
        Of all customers; the shares of a world are scaled to sum to 1.
    mean_days, spread_days : float
        Mean and standard deviation of the days from due date to full settlement, of the middle customer.
    mean_sd, spread_log_sd : float
        How much customers of the type differ: standard deviation of their mean (days) and of their log
        spread.
    trend_days_per_year : float
        Yearly change of the mean.
    unpaid_ratio : float
        Share of invoices that are never settled.
    never_pays_ratio : float
        Share of customers of the type who never pay anything.
    """

    name: str
    share: float
    mean_days: float
    spread_days: float
    mean_sd: float = 2.0
    spread_log_sd: float = 0.15
    trend_days_per_year: float = 0.0
    unpaid_ratio: float = 0.0
    never_pays_ratio: float = 0.0


@dataclass(frozen=True)
class World:
    """Everything that can be set about a simulated portfolio. Ratios and shares lie in [0, 1].

    Attributes
    ----------
    types : tuple of PayerType
        From least to most risky; their position is the true segment.
    customer_skew, invoice_skew : float
        Log-scale of the shifted log-normal from which customer means and single delays are drawn; 0 is
        normal.
    region_effect, sector_effect, size_effect : float or Mapping
        Days added to a customer's mean delay: a factor on the default table (``REGION_DAYS`` ..., centred),
        or a table of days for each name, taken as it stands.
    region_spread, sector_spread : float or Mapping
        Log-ratio added to a customer's log spread: likewise; the default tables are the days over 20.
    confounding : float
        Share of customers whose sector is decided by their region.
    terms : Mapping of int to float
        Payment terms in days and their weights.
    payment_runs : float
        Share of customers who pay only on one weekday (two in three of them) or at the month end.
    invoices_per_year, invoices_log_sd : float
        Median over customers and log-scale of the number of invoices a year.
    few_invoices : float
        Share of customers with one to three invoices in all.
    regular : float
        Share of customers invoiced at even intervals; the others at random ones.
    newcomers : float
        Share of customers who join after the start, evenly over the window.
    growth : float
        Monthly growth of the number of invoices, 0.02 for 2 %.
    season : float
        Relative amplitude of a yearly cycle in the number of invoices, with its peak at the end of November.
    amount, amount_log_sd, customer_amount_log_sd : float
        Median invoice in currency units; log-scale between invoices of a customer and between customers.
    trend_sd : float
        Standard deviation over customers of the yearly change of their mean, around that of their type.
    part_payments : float
        Share of invoices paid in two or three parts.
    on_account : float
        Share of customers who remit sums without naming invoices.
    credit_notes, disputes : float
        Share of invoices with a partial credit note; with a dispute, which delays the settlement.
    dispute_days : float
        Mean delay that a dispute adds.
    reminders, reminder_response : float
        Chance that an invoice still open 7, 21 or 42 days after its due date is reminded; chance that a
        reminder is followed by payment within a week.
    write_offs : float
        Share of the never settled invoices that are written off, 180 to 270 days after the due date.
    credit_limits : float
        Share of customers with a credit limit.
    dirty_names : float
        Share of customers whose name and address are mangled.
    shared_names : float
        Share of customers who bear the name of another.
    known_numbers : float
        Share of customers whose company number is in the ledger.
    wrong_enrichment : float
        Share of customers whose region, sector and company number in the ledger are another company's.
    """

    types: tuple[PayerType, ...]
    customer_skew: float = 0.0
    invoice_skew: float = 0.4
    region_effect: float | Mapping[str, float] = 0.0
    sector_effect: float | Mapping[str, float] = 0.0
    size_effect: float | Mapping[str, float] = 0.0
    region_spread: float | Mapping[str, float] = 0.0
    sector_spread: float | Mapping[str, float] = 0.0
    confounding: float = 0.0
    terms: Mapping[int, float] = field(default_factory=lambda: {30: 1.0})
    payment_runs: float = 0.0
    invoices_per_year: float = 14.0
    invoices_log_sd: float = 0.4
    few_invoices: float = 0.0
    regular: float = 0.0
    newcomers: float = 0.0
    growth: float = 0.0
    season: float = 0.0
    amount: float = 1200.0
    amount_log_sd: float = 0.5
    customer_amount_log_sd: float = 0.6
    trend_sd: float = 0.0
    part_payments: float = 0.03
    on_account: float = 0.0
    credit_notes: float = 0.02
    disputes: float = 0.02
    dispute_days: float = 20.0
    reminders: float = 0.9
    reminder_response: float = 0.0
    write_offs: float = 0.5
    credit_limits: float = 0.8
    dirty_names: float = 0.2
    shared_names: float = 0.01
    known_numbers: float = 0.3
    wrong_enrichment: float = 0.0


_EASY = World(
    types=(
        PayerType("prompt", 0.4, -2, 3, mean_sd=1.0),
        PayerType("steady late", 0.3, 20, 4, mean_sd=1.5),
        PayerType("erratic", 0.2, 17, 20, mean_sd=2.0),
        PayerType("chronic", 0.1, 60, 14, 5, trend_days_per_year=12, unpaid_ratio=0.3, never_pays_ratio=0.15),
    ),
    region_effect=0.2, sector_effect=0.2, invoice_skew=0.3, regular=0.0, invoices_per_year=18.0,
)  # fmt: skip

#: Margins resemble the published UK payment-practice statistics; see tests/ledger/test_simulate.py.
_REALISTIC = World(
    types=(
        PayerType("early", 0.30, -12, 8.5, mean_sd=4, spread_log_sd=0.35, unpaid_ratio=0.001),
        PayerType("on the day", 0.40, -7.5, 10, mean_sd=3.5, spread_log_sd=0.35, unpaid_ratio=0.003),
        PayerType("late", 0.22, 3, 14, mean_sd=5, spread_log_sd=0.35, unpaid_ratio=0.01),
        PayerType(
            "chronic", 0.08, 20, 22, mean_sd=8, spread_log_sd=0.35, trend_days_per_year=6, unpaid_ratio=0.08,
            never_pays_ratio=0.03,
        ),
    ),
    customer_skew=0.3, invoice_skew=0.5, region_effect=0.5, sector_effect=0.5, size_effect=0.25,
    region_spread=0.5, sector_spread=0.5, confounding=0.1,
    terms={14: 0.03, 30: 0.42, 45: 0.37, 60: 0.16, 90: 0.02},
    payment_runs=0.35, invoices_per_year=10.0, invoices_log_sd=0.9, few_invoices=0.08, regular=0.3,
    newcomers=0.3, growth=0.005, season=0.15, amount_log_sd=0.8, customer_amount_log_sd=1.0, trend_sd=2.0,
    part_payments=0.06, on_account=0.05, credit_notes=0.03, disputes=0.03, reminders=0.8,
    reminder_response=0.15, write_offs=0.6, credit_limits=0.6, dirty_names=0.5, shared_names=0.02,
    wrong_enrichment=0.05,
)  # fmt: skip

#: One smooth continuum: no types, runs, mixed terms or newcomers, since each of these would be structure to
#: find.
_STRUCTURELESS = World(
    types=(PayerType("any payer", 1.0, 10, 9, mean_sd=9, spread_log_sd=0.4, unpaid_ratio=0.01),),
    customer_skew=0.6, credit_limits=1.0, reminder_response=0.0,
)  # fmt: skip

WORLDS: dict[str, World] = {"easy": _EASY, "realistic": _REALISTIC, "structureless": _STRUCTURELESS}

#: Days beyond terms, first quarter of 2010 (Experian, as printed in the trade press); the mean of a region is
#: what matters here, so the tables are centred before use.
REGION_DAYS: dict[str, float] = {
    "East Midlands": 20.2, "East of England": 19.1, "London": 23.9, "North East": 23.0, "North West": 24.5,
    "Northern Ireland": 18.3, "Scotland": 22.7, "South East": 16.8, "South West": 16.1, "Wales": 21.1,
    "West Midlands": 23.2, "Yorkshire and The Humber": 22.0,
}  # fmt: skip
#: Rounded shares of UK businesses.
REGION_SHARES: dict[str, float] = {
    "East Midlands": 0.07, "East of England": 0.11, "London": 0.19, "North East": 0.03, "North West": 0.10,
    "Northern Ireland": 0.02, "Scotland": 0.06, "South East": 0.16, "South West": 0.09, "Wales": 0.04,
    "West Midlands": 0.08, "Yorkshire and The Humber": 0.05,
}  # fmt: skip
#: Days by sector (names of SIC 2007 sections): chosen for the simulator, not published.
SECTOR_DAYS: dict[str, float] = {
    "Accommodation and food service": 4.0, "Administrative and support service": 1.0, "Construction": 6.0,
    "Health and social work": -3.0, "Information and communication": -4.0, "Manufacturing": 2.0,
    "Professional, scientific and technical": -2.0, "Transportation and storage": 3.0,
    "Wholesale and retail trade": -1.0,
}  # fmt: skip
SECTOR_SHARES: dict[str, float] = {
    "Accommodation and food service": 0.08, "Administrative and support service": 0.11, "Construction": 0.19,
    "Health and social work": 0.06, "Information and communication": 0.09, "Manufacturing": 0.10,
    "Professional, scientific and technical": 0.16, "Transportation and storage": 0.06,
    "Wholesale and retail trade": 0.15,
}  # fmt: skip
#: Days beyond terms by number of employees: the ends are published (as ``REGION_DAYS``), the steps between
#: are ours.
SIZE_DAYS: dict[str, float] = {"1-2": 17.9, "3-10": 21.0, "11-50": 24.5, "51-500": 30.0, "501+": 36.5}
SIZE_SHARES: dict[str, float] = {"1-2": 0.30, "3-10": 0.34, "11-50": 0.24, "51-500": 0.10, "501+": 0.02}

#: Fields of a world that may exceed 1.
_NON_NEGATIVE = {
    "customer_skew", "invoice_skew", "invoices_per_year", "invoices_log_sd", "amount", "amount_log_sd",
    "customer_amount_log_sd", "trend_sd", "dispute_days",
}  # fmt: skip
_TABLES = {
    "region_effect",
    "sector_effect",
    "size_effect",
    "region_spread",
    "sector_spread",
    "terms",
    "types",
}


def world_of(world: str | World, options: Mapping[str, Any]) -> World:
    """Return the named world with some of its fields replaced.

    Raises
    ------
    UnknownNameError
        If there is no such world or field; the message says which was probably meant.
    LedgerError
        If a value is out of range.
    """
    if isinstance(world, str):
        if world not in WORLDS:
            raise UnknownNameError(f"no world is called {world!r}. There are: {', '.join(WORLDS)}.")
        world = WORLDS[world]
    names = [f.name for f in dataclasses.fields(World)]
    for name, value in options.items():
        if name not in names:
            close = difflib.get_close_matches(name, names, n=3, cutoff=0.5) or names
            raise UnknownNameError(
                f"simulate_ledger has no option {name!r}. Did you mean {' or '.join(map(repr, close))}?"
            )
        _check(name, value)
    return dataclasses.replace(world, **options)


def _check(name: str, value: Any) -> None:
    if name in ("terms", "types"):
        weights = list(value.values()) if name == "terms" else [kind.share for kind in value]
        if not sum(weights) > 0 or min(weights) < 0:
            raise LedgerError(
                f"{name}={value!r} has no positive weight: give at least one, and none below 0."
            )
        return
    if name in _TABLES:
        return
    low, top = (-0.5 if name == "growth" else 0.0), (float("inf") if name in _NON_NEGATIVE else 1.0)
    if not low <= value <= top:
        raise LedgerError(f"{name}={value!r} is out of range: give a number from {low:g} to {top:g}.")


def effect_table(
    effect: float | Mapping[str, float], days: Mapping[str, float], shares: Mapping[str, float]
) -> dict[str, float]:
    """Return the effect of each name: the centred default times a factor, or the given table.

    The mean over a portfolio with ``shares`` is 0 for the default, so that switching an effect on leaves the
    margins.

    >>> effect_table(2.0, {"a": 10, "b": 20}, {"a": 0.5, "b": 0.5})
    {'a': -10.0, 'b': 10.0}
    """
    if isinstance(effect, Mapping):
        unknown = sorted(set(effect) - set(days))
        if unknown:
            raise LedgerError(f"no effect can be set for {unknown[0]!r}. There are: {', '.join(days)}.")
        return {name: float(effect.get(name, 0.0)) for name in days}
    centre = sum(days[name] * shares[name] for name in days) / sum(shares.values())
    return {name: effect * (days[name] - centre) + 0.0 for name in days}
