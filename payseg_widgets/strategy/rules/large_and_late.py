"""Much at stake, whoever pays."""

from __future__ import annotations

from payseg_widgets.strategy.rule import add_rule

add_rule(
    "large_and_late",
    "Likely late with much open, in whatever segment.",
    action="follow_up",
    min_late_probability=0.5,
    min_balance_rank=0.9,
)
