"""Customers to keep."""

from __future__ import annotations

from payseg_widgets.strategy.rule import add_rule

add_rule(
    "reliable",
    "A customer that matters, in a segment without risk, hardly ever late, with nothing overdue.",
    action="better_terms",
    scopes=("customers",),
    max_segment_risk="low",
    max_late_probability=0.1,
    max_days_overdue=0,
    min_value="high",
)
