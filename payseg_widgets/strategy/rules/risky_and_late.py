"""Much at stake with a risky payer."""

from __future__ import annotations

from payseg_widgets.strategy.rule import add_rule

add_rule(
    "risky_and_late",
    "In a risky segment, likely late, with much open.",
    action="tighter_follow_up",
    min_segment_risk="high",
    min_late_probability=0.5,
    min_balance_rank=0.9,
)
