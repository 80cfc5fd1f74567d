"""The page's half of the effect viewer: what is compared, the run, what can be said, the groups, the one picked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd
import traitlets

from payseg_widgets.effects.clusters import GroupClusters
from payseg_widgets.effects.report import EffectReport
from payseg_widgets.errors import Cancelled, EffectError, UnknownNameError
from payseg_widgets.views.effect_pictures import CALLED, effect_pictures
from payseg_widgets.views.effects import forest_view
from payseg_widgets.views.view import View
from payseg_widgets.widgets.panel import Checked, page_script, page_style
from payseg_widgets.widgets.running import RunningPanel

#: Adjusted for unless chosen otherwise, as far as there are such columns.
_USUAL = ("region", "sector", "size", "terms")


class Offered(NamedTuple):
    """What may be chosen: columns that make groups, outcomes with their labels, what may be adjusted for."""

    by: tuple[str, ...]
    outcomes: tuple[tuple[str, str], ...]
    adjustments: tuple[str, ...]


class EffectTable(RunningPanel):
    """Runs estimates in a thread and shows them as sentences and a table; `EffectViewer` adds the pictures.

    Parameters
    ----------
    estimate : callable
        Called with ``by, outcome, adjust_for, progress, cancel``; returns an `EffectReport`.
    tie : callable or None
        Called with ``by, progress, cancel``; returns `GroupClusters`.
    offered : Offered
    effects : EffectReport, optional
        One made before.
    shows_ids : bool
    has_brush : bool
        Whether customers are brushed elsewhere, so that it can be chosen to compare only those.

    Attributes
    ----------
    effects : EffectReport or None
    clusters : GroupClusters or None
    by, outcome : str
    adjust_for : tuple of str
    group, picture : str
    follows_brush : bool
    progress, state, message, error
        See `payseg_widgets.widgets.running.RunningPanel`.
    """

    _esm = (
        page_script("kernel.js", "run_bar.js", "pick_rows.js", "effect_table.js")
        + "\nexport default { render: renderEffectTable };\n"
    )
    _css = page_style("panel.css", "segmenter.css", "listing.css", "effect_table.css")

    effects = traitlets.Instance(EffectReport, allow_none=True)
    clusters = traitlets.Instance(GroupClusters, allow_none=True)
    by = Checked("").tag(sync=True, echo_update=False)
    outcome = Checked("days_late").tag(sync=True, echo_update=False)
    adjust_for = Checked(()).tag(
        sync=True, echo_update=False, to_json=lambda names, _: list(names), from_json=lambda names, _: tuple(names)
    )  # fmt: skip
    group = Checked("").tag(sync=True, echo_update=False)
    picture = traitlets.Enum(tuple(CALLED), "forest").tag(sync=True, echo_update=False)
    follows_brush = traitlets.Bool(True).tag(sync=True, echo_update=False)
    caution = traitlets.Unicode("").tag(sync=True)
    _offered = traitlets.Dict().tag(sync=True)
    _shown = traitlets.Dict().tag(sync=True)
    _told = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        estimate: Callable[..., EffectReport],
        tie: Callable[..., GroupClusters] | None,
        offered: Offered,
        effects: EffectReport | None = None,
        *,
        shows_ids: bool = True,
        has_brush: bool = False,
        **options: Any,
    ) -> None:
        self._estimate, self._tie, self._shows_ids = estimate, tie, shows_ids
        self._has_brush = has_brush
        self._choices = offered
        if effects is not None:
            options |= {"by": effects.by, "outcome": effects.outcome, "adjust_for": effects.adjusted_for}
        options.setdefault("by", offered.by[0] if offered.by else "")
        options.setdefault("adjust_for", self._usual(options["by"]))
        super().__init__(effects=effects, **options)
        self.offer(offered)
        self._show(
            "idle", float(effects is not None), "Not compared yet." if effects is None else _in_words(effects)
        )
        self.observe(self._regroup, "by")
        self.observe(self._again, ["by", "outcome", "adjust_for"])

    def offer(self, offered: Offered) -> None:
        """Change what may be chosen; what is chosen stays where it still may be."""
        self._choices = offered
        if self.by not in offered.by:
            self.by = offered.by[0] if offered.by else ""
            self.adjust_for = self._usual(self.by)
        self._offered = {
            "by": list(offered.by), "outcomes": [list(one) for one in offered.outcomes],
            "adjustments": list(offered.adjustments), "can_tie": self._tie is not None, "has_brush": self._has_brush,
        }  # fmt: skip

    def start(self) -> None:
        """Compare the groups anew; a run under way is cancelled."""
        self._begin(lambda errand: self._carry_out(errand, self._compare, self._finish))

    def start_tie(self) -> None:
        """Ask whether groups and ways of paying go together; a run under way is cancelled."""
        if self._tie is None:
            raise EffectError(
                "whether groups form clusters is asked of a ledger: give ledger= to the viewer."
            )
        self._begin(lambda errand: self._carry_out(errand, self._ask_tie, self._finish_tie))

    def cancel(self) -> None:
        """Stop at the next step; what was shown before stays."""
        if self._errand is not None and self.state == "running":
            self._forget()
            kept = "Nothing was made yet." if self.effects is None else "The figures of before stay."
            self._show("cancelled", 0.0, f"Cancelled. {kept}")

    def remark(self, text: str) -> None:
        """Say something of the figures shown, unless a run has more to say."""
        if self.state != "running":
            self._show(self.state, self.progress, text)

    def wait(self, timeout: float | None = None) -> EffectReport:
        """Wait for the run to end and return the effects; raise what made it fail.

        Raises
        ------
        TimeoutError
            If it takes longer; it goes on.
        Cancelled
            If the run was cancelled before anything was made.
        """
        self._wait_for_end(timeout)
        if self.effects is None:
            raise Cancelled(self.message)
        return self.effects

    def as_view(self) -> View:
        """Return the groups with the first sentence."""
        if self.effects is None:
            return View("Effects", None, _EMPTY, self.message)
        return forest_view(self.effects)

    # ---- in the thread ----------------------------------------------------------------------------------------------

    def _compare(self, **run: Any) -> EffectReport:
        if not self.by:
            raise EffectError(
                "no column makes groups of customers. Give customers= with a region or a sector, or look the customers up first: "
                "enrich(ledger, ...)."
            )
        return self._estimate(by=self.by, outcome=self.outcome, adjust_for=self.adjust_for, **run)

    def _ask_tie(self, **run: Any) -> GroupClusters:
        assert self._tie is not None  # noqa: S101  start_tie refuses
        usual = [name for name in ("region", "sector") if name in self._choices.by]
        return self._tie(by=tuple(dict.fromkeys([*usual, self.by])), **run)

    # ---- where the widget lives -------------------------------------------------------------------------------------

    def _finish(self, made: EffectReport) -> None:
        self.effects = made
        self._show("idle", 1.0, _in_words(made))

    def _finish_tie(self, made: GroupClusters) -> None:
        self.clusters = made
        self.picture = "clusters" if self.effects is not None and self.by in made.counts else self.picture
        self._show("idle", 1.0, f"Asked of a later period: {made.verdict}.")

    def _heard(self, _widget: Any, message: dict[str, Any], _buffers: Any) -> None:
        super()._heard(_widget, message, _buffers)
        if message.get("kind") == "tie":
            self.start_tie()

    def _usual(self, by: str) -> tuple[str, ...]:
        return tuple(name for name in _USUAL if name in self._choices.adjustments and name != by)

    def _regroup(self, change: Any) -> None:
        """Adjust for what is usual with the new groups, or for what was chosen, less the groups themselves."""
        if self.adjust_for == self._usual(change["old"]):
            self.adjust_for = self._usual(self.by)
        else:
            self.adjust_for = tuple(name for name in self.adjust_for if name != self.by)

    def _again(self, _change: Any) -> None:
        self.start()

    def checked(self, name: str, value: Any) -> Any:
        """Return a value of ``by``, ``outcome``, ``adjust_for`` or ``group`` as it is kept.

        Raises
        ------
        UnknownNameError
            If there is no such thing to choose.
        """
        if name == "adjust_for":
            for one in value:
                _one_of(one, self._choices.adjustments, "column to adjust for")
            return tuple(dict.fromkeys(value))
        if name == "outcome":
            return _one_of(value, [one for one, _ in self._choices.outcomes], "outcome")
        if not value:
            return ""
        groups = [] if self.effects is None else self.effects.groups["group"].tolist()
        return _one_of(
            value,
            self._choices.by if name == "by" else groups,
            "column to group by" if name == "by" else "group",
        )

    @traitlets.observe("effects")
    def _tell_effects(self, _change: Any) -> None:
        made = self.effects
        if made is None:
            return
        if self.group not in set(made.groups["group"]):
            self.group = ""
        met = () if made.interaction is None else (made.interaction.sentence(made.by),)
        self._shown = {
            "sentences": list(made.sentences), "notes": [*made.notes, *met],
            "columns": [
                "Adjusted" if made.adjusted_for else "Not adjusted", f"{made.level:.0%}", "Raw", "Places", "Customers",
                "Invoices",
            ],
            "unit": _UNITS.get(made.unit, made.unit),
            "rows": _rows(made),
        }  # fmt: skip
        self._tell_group()

    @traitlets.observe("group", "clusters")
    def _tell_group(self, _change: Any = None) -> None:
        if self.effects is None:
            return
        there = effect_pictures(self.effects, self.group, self.clusters)
        if self.picture not in there:
            self.picture = "forest"
        self._told = {
            "group": self.group,
            "sentences": list(self.effects.about(self.group, ids=self._shows_ids)) if self.group else [],
            "tied": "" if self.clusters is None else self.clusters.sentence,
            "pictures": [[name, CALLED[name]] for name in there],
        }


_EMPTY = pd.DataFrame({"group": []})
#: Of the means in the table.
_UNITS = {
    "points": "of a hundred invoices", "log": "days, standard deviation of a customer's delays", "ratio": "per cent",
}  # fmt: skip


def _rows(made: EffectReport) -> list[dict[str, Any]]:
    shown = made.groups.sort_values("estimate", ascending=False, kind="stable")
    return [_row(made, len(shown), row) for row in shown.to_dict("records")]


def _row(made: EffectReport, k: int, row: Mapping[Any, Any]) -> dict[str, Any]:
    first, last = k + 1 - row["rank_high"], k + 1 - row["rank_low"]
    cells = [
        made.written(row["estimate"]), f"{made.written(row['conf_low'])} to {made.written(row['conf_high'])}",
        made.written(row["raw"]), str(first) if first == last else f"{first} to {last}",
        f"{row['n_customers']:,}", f"{row['n_invoices']:,}",
    ]  # fmt: skip
    return {"name": row["group"], "label": row["group"], "cells": cells}


def _one_of(name: Any, there: Sequence[str], what: str) -> str:
    if name not in there:
        raise UnknownNameError(
            f"{str(name)[:60]!r} is no {what} here. There are: {', '.join(there) or 'none'}."
        )
    return str(name)


def _in_words(made: EffectReport) -> str:
    n = len(made.contrasts)
    n_customers = int(made.groups["n_customers"].sum())
    return (
        f"{len(made.groups)} groups of {n_customers:,} customers; {len(made.shown)} of {n} differences shown."
    )
