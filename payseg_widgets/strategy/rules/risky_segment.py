"""Customers of risky segments."""

from __future__ import annotations

from payseg_widgets.strategy.rule import add_rule

add_rule(
    "risky_segment",
    "In a risky segment.",
    action="automated_reminders",
    scopes=("customers",),
    min_segment_risk="high",
)
