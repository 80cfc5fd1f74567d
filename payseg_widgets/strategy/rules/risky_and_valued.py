"""Customers that matter and pay badly."""

from __future__ import annotations

from payseg_widgets.strategy.rule import add_rule

add_rule(
    "risky_and_valued",
    "In a risky segment, and a customer that matters.",
    action="follow_up",
    scopes=("customers",),
    min_segment_risk="high",
    min_value="high",
)
