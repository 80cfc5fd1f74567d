"""Much at stake with a risky payer, something overdue."""

from __future__ import annotations

from payseg_widgets.strategy.rule import add_rule

add_rule(
    "risky_and_overdue",
    "In a risky segment, something overdue, with much open.",
    action="tighter_follow_up",
    scopes=("customers",),
    min_segment_risk="high",
    min_days_overdue=1,
    min_balance_rank=0.9,
)
