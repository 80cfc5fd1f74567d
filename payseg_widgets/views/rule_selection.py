"""The rule of a segment as a selection, to be pasted into the explorer or applied to any table of features."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

from payseg_widgets.views.selection import Selection
from payseg_widgets.views.selection.conditions import Compare

if TYPE_CHECKING:
    from payseg_widgets.segmentation.rules import Rule


def rule_selection(rule: Rule) -> Selection:
    """Return the customers a rule picks, as a selection.

    Examples
    --------
    >>> from payseg_widgets.segmentation.rules import Condition, Rule
    >>> rule_selection(Rule((Condition("mean_days_late", ">", 12.0), Condition("on_time_ratio", "<=", 0.4))))
    Selection(mean_days_late > 12 and on_time_ratio <= 0.4)
    """
    conditions: list[Selection] = [Compare(c.feature, c.operator, c.value) for c in rule.conditions]
    return reduce(and_, conditions) if conditions else Selection.everything()
