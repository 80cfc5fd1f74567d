"""What can be chosen on a strategy board, and what is refused."""

from __future__ import annotations

from typing import Any

import pandas as pd
import traitlets

from payseg_widgets.errors import StrategyError, UnknownNameError
from payseg_widgets.segmentation.result import Segmentation
from payseg_widgets.strategy.key_figures import KeyFigures
from payseg_widgets.strategy.policy import Policy
from payseg_widgets.views.strategy_pictures import CALLED
from payseg_widgets.widgets.panel import Checked
from payseg_widgets.widgets.running import RunningPanel
from payseg_widgets.widgets.strategy_assumption import (
    RANGES,
    Assumption,
    Grouping,
    assumed,
    checked_figure,
    checked_kind,
)

#: Choices of a scenario.
SCENARIO = ("kind", "n", "days", "terms_days", "share", "discount", "by_day", "grouping", "group")


class StrategyChoices(RunningPanel):
    """Keeps the policy, the assumption, the capacity to call, and what is picked: see `StrategyBoard`.

    Parameters
    ----------
    groupings : dict of str to Grouping
    customers : pandas.Index
        Who may be picked.
    segmentation : Segmentation
        Whose segments a policy may name.
    **options
        Choices.
    """

    figures = traitlets.Instance(KeyFigures, allow_none=True, read_only=True)
    policy = Checked(None)
    customer = Checked("")
    kind = Checked("top_delay").tag(sync=True, echo_update=False)
    n = Checked(RANGES["n"].start).tag(sync=True, echo_update=False)
    days = Checked(RANGES["days"].start).tag(sync=True, echo_update=False)
    terms_days = Checked(RANGES["terms_days"].start).tag(sync=True, echo_update=False)
    share = Checked(RANGES["share"].start).tag(sync=True, echo_update=False)
    discount = Checked(RANGES["discount"].start).tag(sync=True, echo_update=False)
    by_day = Checked(RANGES["by_day"].start).tag(sync=True, echo_update=False)
    grouping = Checked("segment").tag(sync=True, echo_update=False)
    group = Checked("").tag(sync=True, echo_update=False)
    calls_a_day = Checked(RANGES["calls_a_day"].start).tag(sync=True, echo_update=False)
    call_days = Checked(RANGES["call_days"].start).tag(sync=True, echo_update=False)
    figure = Checked("").tag(sync=True, echo_update=False)
    picture = traitlets.Enum(tuple(CALLED), "actions").tag(sync=True, echo_update=False)

    def __init__(
        self, groupings: dict[str, Grouping], customers: pd.Index, segmentation: Segmentation, **options: Any
    ) -> None:
        self.groupings, self._customers, self._segmentation = groupings, customers, segmentation
        super().__init__(**options)

    @property
    def assumption(self) -> Assumption:
        """What is assumed now."""
        figures = {
            name: getattr(self, name) for name in ("n", "days", "terms_days", "share", "discount", "by_day")
        }
        return assumed(self.kind, figures, self.grouping, self.group, self.groupings)

    def checked(self, name: str, value: Any) -> Any:
        """Return a choice as it is kept.

        Raises
        ------
        StrategyError
            If this is no policy, or a figure out of its range.
        UnknownNameError
            If there is no such kind, grouping, group, key figure, customer, or segment named in a policy.
        """
        if name in RANGES:
            return checked_figure(name, value)
        if name == "kind":
            return checked_kind(value)
        if name == "policy":
            return self._checked_policy(value)
        if not isinstance(value, str) or (
            (value or name == "grouping") and value not in self._known(name, value)
        ):
            raise UnknownNameError(f"{name}={str(value)[:60]!r}: there is none of that name.")
        return str(value)

    def _checked_policy(self, value: Any) -> Policy:
        if not isinstance(value, Policy):
            raise StrategyError(
                f"policy is a {type(value).__name__}; give a Policy: read_policy(...), parse_policy(...)."
            )
        value.check_segments(self._segmentation)
        return value

    def _known(self, name: str, value: Any) -> Any:
        """Return the names there are; a key figure is taken at its word until they are computed."""
        if name == "grouping":
            return [*self.groupings] or ["segment"]
        if name == "group":
            return self._groups
        if name == "customer":
            return self._customers
        return [value] if self.figures is None else self.figures.table.index

    @property
    def _groups(self) -> tuple[str, ...]:
        return self.groupings[self.grouping].groups if self.grouping in self.groupings else ()
