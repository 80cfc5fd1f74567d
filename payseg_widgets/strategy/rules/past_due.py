"""What is past its due day."""

from __future__ import annotations

from payseg_widgets.strategy.rule import add_rule

add_rule(
    "past_due",
    "Past its due day, within days of grace too: too late to be reminded before.",
    action="automated_reminders",
    min_days_past_due=1,
)
