"""The page's half of the strategy board: key figures, overviews, the policy, a scenario, whom to call."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar

import pandas as pd
import traitlets

from payseg_widgets.errors import PaysegError
from payseg_widgets.strategy.policy import default_policy, parse_policy
from payseg_widgets.strategy.worklist import Worklist
from payseg_widgets.views.strategy_actions import actions_view
from payseg_widgets.views.strategy_pictures import CALLED, strategy_pictures
from payseg_widgets.views.view import View
from payseg_widgets.widgets.panel import page_script, page_style
from payseg_widgets.widgets.strategy_assumption import choices_told, ranges_told
from payseg_widgets.widgets.strategy_rows import (
    Caller,
    call_rows,
    change_rows,
    plan_rows,
    scenario_rows,
    tile_rows,
)
from payseg_widgets.widgets.strategy_run import StrategyRun


class StrategyTable(StrategyRun):
    """Tells the page what a policy and an assumption come to, and hears what it asks; `StrategyBoard` adds the pictures.

    Parameters
    ----------
    called : callable
        What the page calls a customer; an empty text where it may not tell.
    worklist_csv : callable or None
        Returns a `Worklist` as the text of a file; ``None`` where it may not be fetched.
    is_editable : bool
        Whether the page may set the policy.
    **options
        Those of `StrategyRun`.
    """

    _esm = (
        page_script(
            "../views/js/csv.js", "kernel.js", "run_bar.js",
            "pick_rows.js", "strategy_parts.js", "strategy_policy.js", "strategy_scenario.js",
            "strategy_table.js",
        )
        + "\nexport default { render: renderStrategyTable };\n"
    )  # fmt: skip
    _css = page_style("panel.css", "segmenter.css", "listing.css", "strategy_table.css")

    _tiles = traitlets.Dict().tag(sync=True)
    _overview = traitlets.Dict().tag(sync=True)
    _policy_told = traitlets.Dict().tag(sync=True)
    _change_told = traitlets.Dict().tag(sync=True)
    _choices = traitlets.Dict().tag(sync=True)
    _scenario_told = traitlets.Dict().tag(sync=True)
    _calls = traitlets.Dict().tag(sync=True)
    _picked = traitlets.Dict().tag(sync=True)
    _pictures: Any = traitlets.List().tag(sync=True)
    _turned_away: ClassVar = "this board is read-only: its policy is set by who made it."

    def __init__(
        self,
        *,
        called: Caller,
        worklist_csv: Callable[[Worklist], str] | None,
        is_editable: bool,
        **options: Any,
    ) -> None:
        self._called, self._csv, self._is_editable = called, worklist_csv, is_editable
        super().__init__(**options)
        self._tell_policy()
        self._tell_choices()
        self._tell_pictures()
        self.observe(self._tell_policy, "policy")
        self.observe(self._tell_choices, ["kind", "grouping", "group"])

    def pictures(self) -> dict[str, Callable[[], View]]:
        """Return what draws each picture that there is now."""
        return strategy_pictures(self.plan, self.figures, self.scenario, self._forecast, figure=self.figure)

    def as_view(self) -> View:
        """Return the customers by action."""
        if self.plan is not None:
            return actions_view(self.plan)
        return View("Customers by action", None, pd.DataFrame({"action": []}), self.message)

    def _tell_policy(self, _change: Any = None, fault: dict[str, Any] | None = None) -> None:
        if self._is_editable:
            self._policy_told = {
                "text": self.policy.to_yaml(), "default": default_policy().to_yaml(), "fault": fault or {},
            }  # fmt: skip

    def _tell_choices(self, _change: Any = None) -> None:
        told = choices_told(self.groupings, self.kind, self.grouping)
        self._choices = {
            **told,
            "ranges": ranges_told(),
            "group": self.assumption.group,
            "is_there": self._forecast is not None,
        }

    @traitlets.observe("plan", "figures", "worklist")
    def _tell_overview(self, _change: Any) -> None:
        if self.plan is not None:
            checked = () if self.figures is None else self._makers.check(self.figures, self.worklist)
            self._overview = plan_rows(self.plan, self.figures, (*self.plan.findings, *checked), self._called)
        if self.figures is not None:
            self._tiles = tile_rows(self.figures)
            if self.figure not in self.figures.trend:
                self.figure = next(
                    (name for name in self.figures.table.index if name in self.figures.trend), ""
                )
        self._tell_pictures()
        self._mark_customer()

    @traitlets.observe("change_of_policy")
    def _tell_change(self, _change: Any) -> None:
        made = self.change_of_policy
        currency = "" if self.plan is None else self.plan.currency
        self._change_told = {} if made is None else change_rows(made, currency)

    @traitlets.observe("scenario")
    def _tell_scenario(self, _change: Any) -> None:
        self._scenario_told = {} if self.scenario is None else scenario_rows(self.scenario)
        self._tell_pictures()

    @traitlets.observe("worklist")
    def _tell_calls(self, _change: Any) -> None:
        made = self.worklist
        self._calls = (
            {} if made is None else {**call_rows(made, self._called), "has_file": self._csv is not None}
        )
        self._mark_customer()

    @traitlets.observe("customer")
    def _mark_customer(self, _change: Any = None) -> None:
        calls = pd.Series(dtype="str") if self.worklist is None else self.worklist.calls["customer_id"]
        risky = [] if self.figures is None else self.figures.riskiest.index.tolist()
        self._picked = {
            "calls": next((str(k) for k, one in calls.items() if one == self.customer), ""),
            "risky": str(risky.index(self.customer) + 1) if self.customer in risky else "",
        }

    @traitlets.observe("figure")
    def _tell_pictures(self, _change: Any = None) -> None:
        self._pictures = [[name, CALLED[name]] for name in self.pictures()]

    # ---- what the page asks -----------------------------------------------------------------------------------------

    def _heard(self, widget: Any, message: dict[str, Any], buffers: Any) -> None:
        kind = message.get("kind")
        if kind in ("apply", "default"):
            self._set_policy(message)
        elif kind == "pick":
            self._pick(str(message.get("table")), str(message.get("row")))
        elif kind == "csv" and self._csv is not None and self.worklist is not None:
            name = f"worklist-{self.worklist.as_of:%Y-%m-%d}.csv"
            self.send({"kind": "csv", "name": name, "text": self._csv(self.worklist)})
        else:
            super()._heard(widget, message, buffers)

    def _set_policy(self, message: dict[str, Any]) -> None:
        """Put a policy in force as it was typed, or say what is wrong with it and keep the old one."""
        if not self._is_editable:
            self.send({"kind": "error", "text": self._turned_away})
            return
        text = str(message.get("text"))
        try:
            self.policy = default_policy() if message["kind"] == "default" else parse_policy(text)
        except PaysegError as error:
            line = re.match(r"policy, line (\d+)", str(error))
            self._tell_policy(fault={"text": str(error), "line": int(line[1]) if line else 0, "typed": text})
        else:
            self._tell_policy()

    def _pick(self, table: str, row: str) -> None:
        """Pick the customer of a row, or let go of it."""
        if self._picked.get(table) == row:
            self.customer = ""
        elif table == "calls" and self.worklist is not None and row in map(str, self.worklist.calls.index):
            self.customer = str(self.worklist.calls["customer_id"][int(row)])
        elif (
            table == "risky"
            and self.figures is not None
            and row in map(str, range(1, len(self.figures.riskiest) + 1))
        ):
            self.customer = str(self.figures.riskiest.index[int(row) - 1])
