"""What is more likely late than not."""

from __future__ import annotations

from payseg_widgets.strategy.rule import add_rule

add_rule(
    "often_late",
    "Likely late.",
    action="automated_reminders",
    min_late_probability=0.5,
)
