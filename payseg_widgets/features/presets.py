"""Sets of features with a purpose."""

from __future__ import annotations

#: Behaviour to segment by: when, how late at worst, how steadily, in which way. No totals, no near duplicates, and not
#: payment runs: they split customers into two clear groups that say nothing about risk.
RECOMMENDED = (
    "median_days_late",
    "late_by_30_ratio",
    "on_time_ratio",
    "payment_consistency",
    "days_late_trend",
    "part_payment_ratio",
    "dispute_ratio",
    "overdue_ratio",
)

#: The ten measures of the accounts-receivable brief, in its order; ageing counts as one.
TEN_AR_FEATURES = (
    "mean_days_late",
    "total_invoiced",
    "outstanding",
    "overdue_ratio",
    "on_time_ratio",
    "part_payment_ratio",
    "negotiation_frequency",
    "credit_utilisation_velocity",
    "reminder_response_ratio",
    "payment_consistency",
)
