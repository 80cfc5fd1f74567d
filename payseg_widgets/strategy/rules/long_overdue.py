"""What is overdue for long, whatever is expected of it."""

from __future__ import annotations

from payseg_widgets.strategy.rule import add_rule

add_rule(
    "long_overdue",
    "Overdue for long; needs no forecast.",
    action="tighter_follow_up",
    min_days_overdue=90,
    min_overdue_rank=0.25,
)
