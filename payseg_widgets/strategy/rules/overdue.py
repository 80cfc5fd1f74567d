"""What is overdue."""

from __future__ import annotations

from payseg_widgets.strategy.rule import add_rule

add_rule(
    "overdue",
    "Overdue.",
    action="automated_reminders",
    min_days_overdue=1,
)
