"""What is late now and then."""

from __future__ import annotations

from payseg_widgets.strategy.rule import add_rule

add_rule(
    "sometimes_late",
    "Not likely late, but not unlikely either.",
    action="reminder_before_due",
    min_late_probability=0.25,
)
