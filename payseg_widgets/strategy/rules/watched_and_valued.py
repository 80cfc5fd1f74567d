"""Customers that matter and are not quite without risk."""

from __future__ import annotations

from payseg_widgets.strategy.rule import add_rule

add_rule(
    "watched_and_valued",
    "In a segment that is not without risk, and a customer that matters.",
    action="reminder_before_due",
    scopes=("customers",),
    min_segment_risk="medium",
    min_value="medium",
)
