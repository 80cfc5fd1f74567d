"""The key figures that stakeholders ask for, each with its definition, its interval where it is an estimate, and its trend."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from payseg_widgets._cancel import CancelSignal, Steps
from payseg_widgets.errors import StrategyError
from payseg_widgets.ledger.amounts import amount
from payseg_widgets.ledger.findings import counted
from payseg_widgets.prediction.forecast import PaymentForecast
from payseg_widgets.strategy.figure_words import LEDGER_FIGURES, Figure, from_kpi
from payseg_widgets.strategy.given import whole_number
from payseg_widgets.strategy.overview import ALL
from payseg_widgets.strategy.plan import Plan, Studied
from payseg_widgets.strategy.risk_kpis import (
    DSO,
    average_outstanding,
    dso_by_segment,
    high_risk_figures,
    mean_late_probability,
    risk_distribution,
    riskiest,
)
from payseg_widgets.strategy.scenario_result import Scenario
from payseg_widgets.strategy.scenarios import top_delay
from payseg_widgets.strategy.trend import looked_at, trend_of

#: Customers in the list of the riskiest, and in the delay of the largest debtors.
N_TOP = 10
#: Rows of `KeyFigures.ageing` that are more than 30 days past due, and the row of what is paid by then.
OLD, PAID = ("31-60", "61-90", "over 90"), "paid"


@dataclass(frozen=True, eq=False, repr=False)
class KeyFigures:
    """Key figures of a study and its plan.

    Attributes
    ----------
    table : pandas.DataFrame
        Index ``figure``: ``label, value`` (float; NaN where it cannot be told), ``unit`` ("share", "days", "minor": minor units
        of the currency), ``conf_low, conf_high`` (95 %; of ``working_capital_top10_delay`` 8 in 10 draws; NaN for a fact and for
        an expectation without an interval), ``definition, formula, sentence``.
    trend : pandas.DataFrame
        Index ``day``: month ends, the oldest first, and ``as_of`` last. Those figures of ``table`` that a ledger tells by
        itself, by what was known on that day; never by today's segments, which know what came later.
    by_segment : pandas.DataFrame
        Index ``letter``, ``"all"`` last: ``name, risk, is_high_risk, n_customers, n_owing, outstanding_minor,
        expected_loss_minor`` (missing without a forecast), ``late_probability``, ``average_outstanding, average_owed`` (units of
        the currency), ``dso_count_back, dso_classic, dso_best, days_delinquent, days_beyond_terms``.
    riskiest : pandas.DataFrame
        The ten customers of the largest expected loss: see `payseg_widgets.strategy.risk_kpis.riskiest`. Empty without a
        forecast.
    risk_distribution : pandas.DataFrame
        Customers by late probability: see `payseg_widgets.strategy.risk_kpis.risk_distribution`.
    ageing : pandas.DataFrame or None
        Index bucket of days past due, ``paid`` last: ``now_minor, in_30_days_minor`` (``int64``; expected, of today's open
        invoices), ``now_share, in_30_days_share`` of today's open balance. ``None`` without a forecast.
    scenario : Scenario or None
        The ten largest debtors paying ``delay_days`` later. ``None`` without a forecast.
    as_of : pandas.Timestamp
    currency : str
    minor_per_unit : int
    notes : tuple of str
        What is left out, and why.
    delay_days : int
    """

    table: pd.DataFrame
    trend: pd.DataFrame
    by_segment: pd.DataFrame
    riskiest: pd.DataFrame
    risk_distribution: pd.DataFrame
    ageing: pd.DataFrame | None
    scenario: Scenario | None
    as_of: pd.Timestamp
    currency: str
    minor_per_unit: int
    notes: tuple[str, ...]
    delay_days: int = 30

    @property
    def sentence(self) -> str:
        """The figures that matter most, in one line."""
        names = ("high_risk_customers", "high_risk_balance", "top10_expected_loss", "dso_countback")
        return " ".join(str(self.table.loc[name, "sentence"]) for name in names if name in self.table.index)

    def __repr__(self) -> str:
        return f"KeyFigures({len(self.table)} figures, {len(self.trend)} days, as_of={self.as_of:%Y-%m-%d})"


def key_figures(
    study: Studied,
    plan: Plan,
    *,
    delay_days: int = 30,
    n_months: int = 12,
    progress: Callable[[str, int, int], None] | None = None,
    cancel: CancelSignal | None = None,
) -> KeyFigures:
    """Work out the key figures of a study, and how those that a ledger tells by itself have moved.

    Parameters
    ----------
    study : Study
    plan : Plan
        Of the same study.
    delay_days : int
        By how much later the ten largest debtors are assumed to pay, for the effect on working capital.
    n_months : int
        Month ends before ``as_of`` in the trend; fewer where the ledger is shorter.
    progress, cancel : optional
        As in `predict_payments`.

    Returns
    -------
    KeyFigures
        Without a forecast the figures that need one are left out, and ``notes`` says so.

    Raises
    ------
    StrategyError
        If ``n_months`` or ``delay_days`` is no whole number above 0, or the plan is of another day.
    Cancelled
        If ``cancel`` was set.

    Examples
    --------
    >>> from payseg_widgets import recommend, run_study, simulate_ledger
    >>> study = run_study(simulate_ledger(60, seed=1).ledger, compare=False, forecast=False)
    >>> figures = key_figures(study, recommend(study))
    >>> figures
    KeyFigures(12 figures, 13 days, as_of=2024-12-31)
    """
    delay_days = whole_number("delay_days", delay_days, 1, error=StrategyError)
    n_months = whole_number("n_months", n_months, 1, error=StrategyError)
    if plan.as_of != study.ledger.as_of:
        raise StrategyError(
            f"the plan is of {plan.as_of:%Y-%m-%d}, the study of {study.ledger.as_of:%Y-%m-%d}: give recommend(study)."
        )
    forecast, days = study.outlook.forecast, looked_at(study.invoices, n_months)
    months = [f"looking at {pd.Timestamp(day, unit='D'):%Y-%m-%d}" for day in days]
    names = [*months, "looking at each segment", "letting the largest debtors pay later"]
    step = Steps("key_figures()", names, progress, cancel)
    trend = trend_of(study.invoices, days, step=step)
    step()
    dso = dso_by_segment(study.invoices, plan.customers["segment"].to_numpy())
    step()
    ageing = None if forecast is None else _ageing(forecast)
    later = None if forecast is None else top_delay(forecast, days=delay_days, n=N_TOP, cancel=cancel)
    notes = () if forecast is not None else (_without(study),)
    return _gathered(plan, trend, dso, ageing, later, notes, delay_days)


def refigured(known: KeyFigures, plan: Plan) -> KeyFigures:
    """Return the key figures of the same study by another policy; what no policy has a say in is taken as it is.

    Parameters
    ----------
    known : KeyFigures
    plan : Plan
        Of the same study as theirs.

    Returns
    -------
    KeyFigures
        What `key_figures` returns, without looking back once more or laying the delay on the forecast.

    Raises
    ------
    StrategyError
        If the plan is of another day or of other segments.
    """
    letters = [*plan.clusters["letter"].iloc[:-1], ALL]
    if plan.as_of != known.as_of or letters != known.by_segment.index.tolist():
        raise StrategyError(
            f"the plan is of {plan.as_of:%Y-%m-%d}, the figures of {known.as_of:%Y-%m-%d}, or of other segments: "
            "give key_figures(study, plan)."
        )
    dso = known.by_segment[list(DSO)].set_axis(plan.clusters.index)
    return _gathered(plan, known.trend, dso, known.ageing, known.scenario, known.notes, known.delay_days)


def _gathered(
    plan: Plan, trend: pd.DataFrame, dso: pd.DataFrame, ageing: pd.DataFrame | None, later: Scenario | None,
    notes: tuple[str, ...], delay_days: int,
) -> KeyFigures:  # fmt: skip
    """Put what a policy has a say in beside what it has none in."""
    is_forecast = later is not None
    at_risk = _at_risk(plan, is_forecast)
    figures = [*_figures(plan, trend, is_forecast), *_expected(plan, at_risk, ageing, later)]
    return KeyFigures(
        _table(figures, trend, plan), trend, _by_segment(plan, dso), at_risk, risk_distribution(plan), ageing, later,
        plan.as_of, plan.currency, plan.minor_per_unit, notes, delay_days,
    )  # fmt: skip


def _without(study: Studied) -> str:
    why = " ".join(study.outlook.notes)
    return f"Expected losses, the ageing to come and the effect of a delay need a forecast. {why}".strip()


def _figures(plan: Plan, trend: pd.DataFrame, is_forecast: bool) -> Iterator[Figure]:
    """Return the figures that need no forecast."""
    untold = "It has no trend: today's segments know how customers went on to pay after any past day."
    for kpi in high_risk_figures(plan):
        yield from_kpi(kpi, untold)
    now = trend.iloc[-1]
    for name, words in LEDGER_FIGURES.items():
        yield Figure(name, words.label, float(now[name]), words.unit, words.definition, words.formula)
    from_history = "" if is_forecast else "There is no forecast: all is from history."
    yield from_kpi(mean_late_probability(plan), from_history)


def _expected(
    plan: Plan, at_risk: pd.DataFrame, ageing: pd.DataFrame | None, later: Scenario | None
) -> Iterator[Figure]:
    """Return the figures that are expectations of a forecast."""
    if ageing is None or later is None:
        return
    loss = plan.customers["expected_loss_minor"].astype("int64")
    yield Figure(
        "expected_loss", "Expected loss", float(loss.sum()), "minor",
        f"Open balance expected to be unpaid still {counted(plan.policy.loss_days, 'day')} after its due date; an expectation "
        "of the forecast, without an interval.",
        "sum of open amount x chance unpaid that long after the due date",
    )  # fmt: skip
    n = len(at_risk)
    yield Figure(
        "top10_expected_loss", f"Expected loss of the {'ten' if n == N_TOP else n} riskiest",
        float(loss.reindex(at_risk.index).sum()), "minor",
        "The same of the customers with the largest expected loss, ten at most.",
        "sum of the largest expected losses, ten at most",
    )  # fmt: skip
    yield Figure(
        "ageing_over_30_in_30_days", "Over 30 days past due in 30 days",
        float(ageing.loc[list(OLD), "in_30_days_share"].sum()), "share",
        "Share of today's open balance expected to be open still in 30 days and more than 30 days past due then; an expectation, "
        "without an interval. Invoices yet to be issued are not in it.",
        "sum of open amount x chance open in 30 days, where more than 30 days past due then / open amount",
    )  # fmt: skip
    gap, low, high = (float(later.impact[name]["peak_gap_minor"]) for name in ("expected", "p10", "p90"))
    yield Figure(
        "working_capital_top10_delay", "Working capital if the largest pay later", gap, "minor",
        f"Most of the expected cash that is missing on one day of the coming weeks if {later.what}; the interval holds 8 in 10 "
        "draws of the worst day, which need not be the same day.",
        "largest of expected cash so far - expected cash so far with the delay, over days",
        low, high, "8 in 10 draws",
    )  # fmt: skip


def _table(figures: list[Figure], trend: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    def money(minor: float) -> str:
        return amount(minor, plan.currency)

    rows = [
        figure.row(trend[figure.name] if figure.name in trend.columns else None, money) for figure in figures
    ]
    return pd.DataFrame(rows).set_index("figure")


def _at_risk(plan: Plan, is_forecast: bool) -> pd.DataFrame:
    """Return the riskiest; nobody where there is no forecast to say so."""
    if is_forecast:
        return riskiest(plan, N_TOP)
    return riskiest(replace(plan, customers=plan.customers.assign(expected_loss_minor=0)), N_TOP)


def _by_segment(plan: Plan, dso: pd.DataFrame) -> pd.DataFrame:
    owed = average_outstanding(plan)[["n_owing", "average_outstanding", "average_owed"]]
    said = [
        "letter",
        "name",
        "risk",
        "n_customers",
        "outstanding_minor",
        "expected_loss_minor",
        "late_probability",
    ]
    table = plan.clusters[said].join(owed).join(dso)
    table["letter"] = [*table["letter"].iloc[:-1], ALL]
    table.insert(3, "is_high_risk", table["risk"] == "high")
    return table.set_index("letter")


def _ageing(forecast: PaymentForecast) -> pd.DataFrame:
    """Return the balance by age now and in 30 days, to the penny: what is not open then is paid."""
    now = forecast.ageing["now_minor"].astype("int64")
    later = np.rint(forecast.ageing["in_30_days_minor"]).astype("int64")
    table = pd.DataFrame({"now_minor": now, "in_30_days_minor": later})
    table.loc[PAID] = [0, int(now.sum() - later.sum())]
    whole = max(int(now.sum()), 1)
    return table.assign(
        now_share=table["now_minor"] / whole, in_30_days_share=table["in_30_days_minor"] / whole
    )
