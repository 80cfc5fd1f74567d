"""What to do, what it rests on and what it comes to: the part of a study that people act on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from payseg_widgets._cancel import CancelSignal, in_parts
from payseg_widgets.errors import Cancelled, ForecastError, SegmentationError
from payseg_widgets.features.compute import compute_features
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.strategy.figure_checks import check_figures
from payseg_widgets.strategy.key_figures import KeyFigures, key_figures
from payseg_widgets.strategy.plan import Plan, Studied, recommend
from payseg_widgets.strategy.policy import Policy
from payseg_widgets.strategy.reserves import NO_SEGMENT, Reserves, provisions
from payseg_widgets.strategy.scenario_result import Scenario
from payseg_widgets.strategy.self_check import Finding
from payseg_widgets.strategy.statutory_interest import statutory_interest
from payseg_widgets.strategy.worklist import Worklist, worklist

#: Capacity of the worklist of a report, a round number: make another with `payseg_widgets.worklist`.
CALLS_A_DAY, CALL_DAYS = 10, 5
_STEPS = ("choosing actions", "working out key figures", "providing for losses", "listing whom to call")
_Tell = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False, repr=False)
class Strategy:
    """A plan with its key figures and what goes with them.

    Attributes
    ----------
    plan : Plan or None
        ``None`` where no strategy was asked for.
    key_figures : KeyFigures or None
    reserves : Reserves or None
        By segment and age; past balances have the segments of their own day. ``None`` where the ledger is too short.
    worklist : Worklist or None
        ``None`` without a forecast.
    interest : pandas.DataFrame or None
        Of each overdue invoice: see `statutory_interest`. ``None`` outside the United Kingdom.
    findings : tuple of Finding
        Figures of these tables that cannot be right: empty unless there is a mistake.
    notes : tuple of str
        Why something is not there.
    """

    plan: Plan | None
    key_figures: KeyFigures | None = None
    reserves: Reserves | None = None
    worklist: Worklist | None = None
    interest: pd.DataFrame | None = None
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def scenario(self) -> Scenario | None:
        """The ten largest debtors paying 30 days later; ``None`` without a forecast."""
        return None if self.key_figures is None else self.key_figures.scenario

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is to be done and what it comes to, and why something is not there."""
        parts = (self.plan, self.key_figures, self.scenario, self.reserves, self.worklist)
        return (*(part.sentence for part in parts if part is not None), *self.notes)

    def __repr__(self) -> str:
        made = "no plan" if self.plan is None else repr(self.plan)
        return f"Strategy({made}, findings={len(self.findings)})"


def advise(
    study: Studied,
    policy: Policy | None = None,
    *,
    progress: Callable[[str, int, int], None] | None = None,
    cancel: CancelSignal | None = None,
) -> Strategy:
    """Choose actions and work out what goes with them: key figures, a scenario, reserves, a worklist, interest.

    Parameters
    ----------
    study : Study
    policy : Policy, optional
        The default one of the package when not given.
    progress : callable, optional
        Called with the step about to begin and how many hundredths of the whole are done.
    cancel : optional
        As in `predict_payments`.

    Returns
    -------
    Strategy
        What cannot be had is ``None``, and ``notes`` says why.

    Raises
    ------
    UnknownNameError
        If the policy names a segment that does not exist.
    Cancelled
        If ``cancel`` was set; ``finished`` is the strategy as far as it is made, ``None`` before the plan is.
    """
    tell = in_parts(progress, len(_STEPS))
    _begin(0, None, tell(0), cancel)
    made = Strategy(recommend(study, policy))
    _begin(1, made, tell(1), cancel)
    try:
        figures = key_figures(study, _plan(made), progress=tell(1), cancel=cancel)
    except Cancelled as stopped:
        raise Cancelled(str(stopped), made) from stopped
    made = replace(made, key_figures=figures, notes=figures.notes)
    _begin(2, made, tell(2), cancel)
    made = _with(made, "reserves", lambda: provisions(study.ledger, _segments_of(study)), "No reserves")
    _begin(3, made, tell(3), cancel)
    forecast = study.outlook.forecast
    if forecast is not None:
        loss_days = _plan(made).policy.loss_days
        calls = worklist(forecast, calls_a_day=CALLS_A_DAY, days=CALL_DAYS, loss_days=loss_days)
        made = replace(made, worklist=calls)
    made = _with(made, "interest", lambda: statutory_interest(study.ledger), "No statutory interest")
    balance = int(study.invoices.outstanding.sum())
    wrong = check_figures(figures, made.reserves, made.worklist, balance_minor=balance)
    return replace(made, findings=(*_plan(made).findings, *wrong))


def _begin(step: int, made: Strategy | None, tell: _Tell, cancel: CancelSignal | None) -> None:
    if cancel is not None and cancel.is_set():
        raise Cancelled(f"advise() was stopped before {_STEPS[step]}", made)
    tell(_STEPS[step], 0, 1)


def _with(made: Strategy, name: str, work: Callable[[], Any], without: str) -> Strategy:
    """Add what may not be had; if so, note why."""
    try:
        return replace(made, **{name: work()})
    except (ForecastError, SegmentationError) as error:
        return replace(made, notes=(*made.notes, f"{without}: {error}"))


def _plan(made: Strategy) -> Plan:
    assert made.plan is not None  # noqa: S101  made first
    return made.plan


def _segments_of(study: Studied) -> Callable[[Ledger], pd.Series]:
    """Return what places the customers of a past day by what was known of them on it, in the segments of today."""
    segmentation = study.segmentation
    letters = {card.segment: card.letter for card in segmentation.cards if card.segment >= 0}

    def of(ledger: Ledger) -> pd.Series:
        if ledger.as_of == study.ledger.as_of:
            return segmentation.labels_.map(letters).fillna(NO_SEGMENT)
        features = compute_features(ledger, segmentation.features)
        return segmentation.assign(features)["segment"].map(letters).fillna(NO_SEGMENT)

    return of
