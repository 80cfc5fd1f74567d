"""What a strategy board computes, in a thread: the plan, key figures, whom to call, a scenario."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import traitlets

from payseg_widgets._cancel import CancelSignal
from payseg_widgets.errors import Cancelled, PaysegError
from payseg_widgets.prediction.forecast import PaymentForecast
from payseg_widgets.strategy.key_figures import KeyFigures
from payseg_widgets.strategy.plan import Plan
from payseg_widgets.strategy.plan_change import PlanChange, compare_plans
from payseg_widgets.strategy.policy import Policy
from payseg_widgets.strategy.scenario_result import Scenario
from payseg_widgets.strategy.self_check import Finding
from payseg_widgets.strategy.worklist import Worklist
from payseg_widgets.widgets.errands import Errand
from payseg_widgets.widgets.strategy_assumption import Assumption
from payseg_widgets.widgets.strategy_choices import SCENARIO, StrategyChoices

#: What can be made, in order, and what is said where it could not be.
_PIECES = {
    "plan": "actions could not be chosen", "figures": "key figures could not be computed",
    "worklist": "nobody could be listed", "scenario": "the scenario could not be laid on the forecast",
}  # fmt: skip
_SAID = {
    "plan": "choosing actions", "figures": "key figures", "worklist": "whom to call", "scenario": "the scenario",
}  # fmt: skip
#: Pieces that a policy has a say in: those on screen are of one policy.
_OF_POLICY = ("plan", "figures", "worklist")
#: Scenarios kept, so that going back to one takes no time.
_MOST_KEPT = 50


class Makers(NamedTuple):
    """What the board computes with.

    Attributes
    ----------
    plan : callable
        Called with a `Policy`; returns a `Plan`.
    figures : callable
        Called with a `Plan`, ``progress=`` and ``cancel=``; returns `KeyFigures`.
    worklist : callable
        Called with calls a day, days, and the policy's ``loss_days``; returns a `Worklist`.
    scenario : callable
        Called with an `Assumption`, ``progress=`` and ``cancel=``; returns a `Scenario`.
    check : callable
        Called with `KeyFigures` and a `Worklist` or ``None``; returns what is wrong with them.
    """

    plan: Callable[[Policy], Plan]
    figures: Callable[..., KeyFigures]
    worklist: Callable[[int, int, int], Worklist]
    scenario: Callable[..., Scenario]
    check: Callable[[KeyFigures, Worklist | None], tuple[Finding, ...]]


class StrategyRun(StrategyChoices):
    """Makes what is not there as it is wanted, whenever a choice changes; only the latest wish has a say.

    Parameters
    ----------
    makers : Makers
    forecast : PaymentForecast or None
        Without one there are no scenarios, and nobody is listed to be called.
    **options
        Those of `StrategyChoices`.

    Attributes
    ----------
    plan : Plan or None
    figures : KeyFigures or None
    worklist : Worklist or None
    scenario : Scenario or None
    change_of_policy : PlanChange or None
        From the policy before to that in force.
    """

    plan = traitlets.Instance(Plan, allow_none=True, read_only=True)
    scenario = traitlets.Instance(Scenario, allow_none=True, read_only=True)
    worklist = traitlets.Instance(Worklist, allow_none=True, read_only=True)
    change_of_policy = traitlets.Instance(PlanChange, allow_none=True, read_only=True)

    def __init__(self, makers: Makers, forecast: PaymentForecast | None, **options: Any) -> None:
        self._makers, self._forecast, self._is_begun = makers, forecast, False
        self._made_of: dict[str, Any] = {}  # what each piece that is there was made from
        self._kept: OrderedDict[Assumption, Scenario] = OrderedDict()
        super().__init__(**options)
        self.observe(self._follow, ["policy", "calls_a_day", "call_days", *SCENARIO])
        self._show("idle", 0.0, "Nothing is computed yet.")

    def start(self) -> None:
        """Compute everything anew; a run under way is stopped."""
        self._made_of, self._is_begun = {}, True
        self._kept.clear()
        self._complete()

    def cancel(self) -> None:
        """Stop at the next step; what is there stays."""
        if self._errand is not None and self.state == "running":
            self._errand.stop()
            self._show("running", self.progress, "Stopping; what is done is kept.")

    def wait(self, timeout: float | None = None) -> Plan:
        """Wait for the run to end and return the plan of the policy in force.

        Raises
        ------
        TimeoutError
            If it takes longer; it goes on.
        PaysegError
            What could not be made.
        Cancelled
            If the run was cancelled before there was a plan.
        """
        self._wait_for_end(timeout)
        if self.plan is None or self._is_of_policy_before:
            raise Cancelled(self.message)
        return self.plan

    @property
    def _is_of_policy_before(self) -> bool:
        """Whether what is there is of another policy than that in force."""
        return self.plan is not None and self.plan.policy != self.policy

    def _follow(self, change: Any) -> None:
        """Compute what a choice changes, once something was computed."""
        if change.name == "grouping" and self.group not in self._groups:
            self.group = ""
        if self._is_begun:
            self._complete()

    # ---- in the thread ----------------------------------------------------------------------------------------------

    def _wanted(self) -> dict[str, Any]:
        """Return from what each piece is to be made."""
        wanted: dict[str, Any] = {"plan": self.policy, "figures": self.policy}
        if self._forecast is not None:
            calls = (self.calls_a_day, self.call_days, self.policy.loss_days)
            wanted |= {"worklist": calls, "scenario": self.assumption}
        return wanted

    def _complete(self) -> None:
        """Make what is not there as it is wanted; what was made before is taken at once."""
        wanted = self._wanted()
        kept = self._kept.get(wanted["scenario"]) if "scenario" in wanted else None
        if kept is not None:
            self._take("scenario", wanted["scenario"], kept)
        missing = {name: of for name, of in wanted.items() if self._made_of.get(name) != of}
        if missing:
            plan = self.plan
            self._begin(lambda errand: self._carry_out(
                errand, lambda **run: self._make_all(errand, missing, plan, **run), self._finish, self._stopped
            ))  # fmt: skip
        elif self.state != "idle":  # busy with, or stopped at, what is no longer wanted
            self._forget()
            self._finish({})

    def _make_all(
        self, errand: Errand, missing: dict[str, Any], plan: Plan | None, *, progress: Callable[..., None], cancel: CancelSignal
    ) -> dict[str, PaysegError]:  # fmt: skip
        """Make one after the other, show each when it is there, and return why some could not be made.

        Where a plan takes the place of another, what goes with it is shown together with it, or not at all.
        """
        refused: dict[str, PaysegError] = {}
        change: PlanChange | None = None
        held: dict[str, tuple[Any, Any]] = {}
        together = [name for name in _OF_POLICY if name in missing] if plan and "plan" in missing else []
        for done, (name, of) in enumerate(missing.items()):
            if cancel.is_set():
                raise Cancelled(f"stopped before {_SAID[name]}")

            def tell(
                what: str = "", step: int = 0, steps: int = 1, name: str = name, done: int = done
            ) -> None:
                progress(f"{_SAID[name]}, {what}" if what else _SAID[name], done + step / steps, len(missing))

            tell()
            try:
                made = self._make(name, of, plan, tell, cancel)
            except Cancelled:
                raise
            except PaysegError as error:
                refused[name] = error
                if name == "plan":
                    break
                continue
            if name == "plan":
                plan, before = made, plan
                change = None if before is None or before.policy == of else compare_plans(before, made)
            if name not in together:
                self._deliver(errand, lambda name=name, of=of, made=made: self._take(name, of, made))  # type: ignore[misc]
                continue
            held[name] = (of, made)
            if list(held) == together:
                self._deliver(errand, partial(self._take_together, held, change))
        if cancel.is_set():
            raise Cancelled("stopped at the end")
        return refused

    def _make(
        self, name: str, of: Any, plan: Plan | None, tell: Callable[..., None], cancel: CancelSignal
    ) -> Any:
        if name == "plan":
            return self._makers.plan(of)
        if name == "figures":
            return self._makers.figures(plan, progress=tell, cancel=cancel)
        if name == "worklist":
            return self._makers.worklist(*of)
        return self._makers.scenario(of, progress=tell, cancel=cancel)

    # ---- where the widget lives -------------------------------------------------------------------------------------

    def _take(self, name: str, of: Any, made: Any) -> None:
        self._made_of[name] = of
        if name == "scenario":
            self._kept[of] = made
            self._kept.move_to_end(of)
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        self.set_trait(name, made)

    def _take_together(self, held: dict[str, tuple[Any, Any]], change: PlanChange | None) -> None:
        with self.hold_trait_notifications():
            self.set_trait("change_of_policy", change)
            for name, (of, made) in held.items():
                self._take(name, of, made)

    def _finish(self, refused: dict[str, PaysegError]) -> None:
        if "scenario" in refused:
            self.set_trait("scenario", None)
            self._made_of.pop("scenario", None)
        self.error = next(iter(refused.values()), None)
        if refused:
            said = "; ".join(
                f"{_PIECES[name]}: {str(error).removesuffix('.')}" for name, error in refused.items()
            )
            self._show("failed", 0.0, f"{said[:1].upper()}{said[1:]}.{self._of_before}")
            return
        there = "" if self._forecast is not None else " There is no forecast: no scenarios, nobody to call."
        self._show("idle", 1.0, f"Computed.{there}")

    def _stopped(self, _kept: Any) -> None:
        there = self._of_before or " What was there stays."
        self._show("cancelled", 0.0, f"Cancelled.{there} A change, or Compute, goes on.")

    @property
    def _of_before(self) -> str:
        return " What is shown is of the policy before." if self._is_of_policy_before else ""
