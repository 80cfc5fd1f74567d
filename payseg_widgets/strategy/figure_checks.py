"""Whether key figures, reserves, scenario and worklist agree with one another and with the ledger."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from payseg_widgets.strategy.key_figures import KeyFigures
from payseg_widgets.strategy.overview import ALL
from payseg_widgets.strategy.reserves import Reserves
from payseg_widgets.strategy.scenario_result import Scenario
from payseg_widgets.strategy.self_check import Claims, Finding, check_tables
from payseg_widgets.strategy.worklist import Worklist


def check_figures(
    figures: KeyFigures, reserves: Reserves | None, listed: Worklist | None, *, balance_minor: int
) -> tuple[Finding, ...]:
    """Check the tables that go with a plan.

    Parameters
    ----------
    figures : KeyFigures
    reserves : Reserves, optional
    listed : Worklist, optional
    balance_minor : int
        The open balance by the ledger, minor units.

    Returns
    -------
    tuple of Finding
        Empty where all agrees.
    """
    claims = [*_of_figures(figures, balance_minor)]
    if figures.scenario is not None:
        claims += _of_scenario(figures.scenario, balance_minor)
    if reserves is not None:
        claims += _of_reserves(reserves, balance_minor)
    if listed is not None:
        claims.append(_of_worklist(listed, balance_minor))
    return (*check_tables(*claims), *_told_twice(figures), *_impossible(figures))


def _of_figures(figures: KeyFigures, balance: int) -> Iterator[Claims]:
    shares = figures.table[figures.table["unit"] == "share"]
    yield Claims(name="key figures", table=shares, probabilities=("value", "conf_low", "conf_high"))
    yield Claims(name="key figures", table=figures.table.loc[["outstanding"]], ledger={"value": balance})
    past = tuple(str(name) for name in shares.index if name in figures.trend.columns)
    yield Claims(name="trend", table=figures.trend, probabilities=past)
    sums = ("n_customers", "n_owing", "outstanding_minor", "expected_loss_minor")
    yield Claims(
        name="by segment", table=figures.by_segment, total=ALL, probabilities=("late_probability",), sums=sums,
        averages={"average_outstanding": "n_customers"}, ledger={"outstanding_minor": balance}, rounding=1e-6,
    )  # fmt: skip
    yield Claims(
        name="riskiest", table=figures.riskiest, probabilities=("late_probability", "expected_loss_share")
    )
    spread = {"share": "n_customers", "outstanding_share": "outstanding_minor"}
    yield Claims(name="risk distribution", table=figures.risk_distribution, shares=spread)
    if figures.ageing is not None:
        money = ("now", "in_30_days")
        yield Claims(
            name="ageing", table=figures.ageing, shares={f"{when}_share": f"{when}_minor" for when in money},
            ledger={f"{when}_minor": balance for when in money},
        )  # fmt: skip


def _of_scenario(scenario: Scenario, balance: int) -> Iterator[Claims]:
    parts = scenario.account.drop(columns="balance_minor").T
    yield Claims(name="scenario", table=parts, ledger=dict.fromkeys(parts.columns, balance))
    gone = int(parts.loc[["lost_minor", "discount_minor"], "scenario"].sum())
    money = {"base_expected_minor": balance, "expected_minor": balance - gone}
    yield Claims(name="scenario by week", table=scenario.weeks, ledger=money)


def _of_reserves(reserves: Reserves, balance: int) -> Iterator[Claims]:
    table = reserves.by_bucket
    yield Claims(
        name="reserves", table=table, total=ALL, probabilities=("rate",), sums=("balance_minor", "provision_minor"),
        ledger={"balance_minor": balance},
    )  # fmt: skip
    yield Claims(
        name="provision matrix", table=reserves.matrix, probabilities=("rate", "conf_low", "conf_high")
    )


def _of_worklist(listed: Worklist, balance: int) -> Claims:
    parts = pd.DataFrame({"balance_minor": [int(listed.calls["balance_minor"].sum()), listed.left_minor]})
    return Claims(name="worklist", table=parts, ledger={"balance_minor": balance})


def _told_twice(figures: KeyFigures) -> Iterator[Finding]:
    """Hold what is told in two places against each other."""
    told = figures.table["value"]
    pairs = [(str(name), "the last row of the trend", figures.trend[name].iloc[-1]) for name in figures.trend]
    if "expected_loss" in told.index:
        pairs.append(
            ("expected_loss", "the segments together", figures.by_segment.loc[ALL, "expected_loss_minor"])
        )
    if "top10_expected_loss" in told.index:
        ten = figures.riskiest["expected_loss"].astype(float).sum() * figures.minor_per_unit
        pairs.append(("top10_expected_loss", "the riskiest together", ten))
    for name, other, value in pairs:
        if not np.isclose(
            told[name], float(value), rtol=1e-6, atol=1.0 if told[name] > 1 else 1e-9, equal_nan=True
        ):
            text = f"{told[name]:,.6g} is told, {other}: {float(value):,.6g}."
            yield Finding("key figures", "value", name, text)


def _impossible(figures: KeyFigures) -> Iterator[Finding]:
    """Find money and days that are negative, parts larger than the whole, and bands upside down."""
    table = figures.table
    for name, value in (
        table.loc[table["unit"] != "share", "value"].drop("days_beyond_terms", errors="ignore").items()
    ):
        if value < 0:
            yield Finding("key figures", "value", str(name), f"{value:,.6g} is negative.")
    told = table["value"]
    if {"expected_loss", "top10_expected_loss"} <= set(told.index) and (
        told["top10_expected_loss"] > told["expected_loss"] + 1
    ):
        yield Finding(
            "key figures", "value", "top10_expected_loss", "this is more than is expected to be lost in all."
        )
    if figures.riskiest["outstanding"].astype(float).sum() * figures.minor_per_unit > told["outstanding"] + 1:
        yield Finding("riskiest", "outstanding", "", "they owe more than everybody.")
    if figures.scenario is not None:
        weeks = figures.scenario.weeks
        for kind in ("base_", ""):
            low, middle, high = (weeks[f"{kind}{name}_minor"] for name in ("p10", "p50", "p90"))
            for week in weeks.index[((low > middle) | (middle > high)).to_numpy()]:
                yield Finding(
                    "scenario by week", f"{kind}p50_minor", str(week), "this lies outside its band."
                )
