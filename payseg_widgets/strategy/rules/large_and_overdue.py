"""Much at stake, with something overdue."""

from __future__ import annotations

from payseg_widgets.strategy.rule import add_rule

add_rule(
    "large_and_overdue",
    "Something overdue, with much open: new orders on time do not take a customer out.",
    action="follow_up",
    scopes=("customers",),
    min_days_overdue=1,
    min_balance_rank=0.9,
)
