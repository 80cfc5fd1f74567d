"""Overdue invoices of risky payers."""

from __future__ import annotations

from payseg_widgets.strategy.rule import add_rule

add_rule(
    "overdue_of_risky",
    "Overdue, of a customer in a risky segment.",
    action="follow_up",
    scopes=("invoices",),
    min_days_overdue=1,
    min_segment_risk="high",
)
