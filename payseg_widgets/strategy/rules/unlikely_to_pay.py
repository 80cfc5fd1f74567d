"""Who has not paid for long and is not expected to."""

from __future__ import annotations

from payseg_widgets.strategy.rule import add_rule

add_rule(
    "unlikely_to_pay",
    "Long overdue, and most of what is open is not expected to be paid.",
    action="prepayment",
    scopes=("customers",),
    min_loss_ratio=0.5,
    min_days_overdue=60,
    min_overdue_rank=0.25,
)
