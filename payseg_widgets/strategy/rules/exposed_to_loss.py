"""Where money may be lost."""

from __future__ import annotations

from payseg_widgets.strategy.rule import add_rule

add_rule(
    "exposed_to_loss",
    "Overdue, and much of what is open is not expected to be paid.",
    action="tighter_follow_up",
    min_loss_ratio=0.2,
    min_days_overdue=30,
    min_overdue_rank=0.25,
)
