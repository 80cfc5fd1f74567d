"""Customers seen through few invoices, and the segments that many invoices would show."""

from __future__ import annotations

import pandas as pd

from payseg_widgets.features.compute import compute_features
from payseg_widgets.ledger.simulate import simulate_ledger
from payseg_widgets.segmentation.confidence import with_confidence
from payseg_widgets.segmentation.segment import segment

NAMES = ("mean_days_late", "on_time_ratio", "payment_consistency")


def placed_and_true(seed: int, world: str = "realistic", n_customers: int = 300) -> pd.DataFrame:
    """Place strangers with few invoices; ``true`` is the segment of the same strangers with 300 invoices a year."""
    known, _ = simulate_ledger(n_customers, seed=seed, world=world)
    features = compute_features(known, NAMES)
    made = with_confidence(
        segment(features, n_segments=4, k_range=(4, 4), compare=False, names=NAMES), features
    )
    options = {"seed": seed + 50_000, "world": world, "few_invoices": 0.0, "newcomers": 0.0}
    short, _ = simulate_ledger(n_customers, invoices_per_year=4, **options)
    long, _ = simulate_ledger(n_customers, invoices_per_year=300, invoices_log_sd=0.0, **options)
    placed = made.assign(compute_features(short, NAMES))
    true = made.assign(compute_features(long, NAMES))["likely"]
    return placed.assign(true=true.reindex(placed.index))[placed["likely"] >= 0]


def by_bin(placed: pd.DataFrame) -> pd.DataFrame:
    """Compare the confidence stated with how often the label was right, in bins of the confidence."""
    edges = [0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1]
    of_bin = placed.assign(right=placed["likely"] == placed["true"]).groupby(
        pd.cut(placed["confidence"], edges, include_lowest=True), observed=True
    )
    return pd.DataFrame(
        {"stated": of_bin["confidence"].mean(), "actual": of_bin["right"].mean(), "n": of_bin.size(),
         "strength of membership": of_bin["probability"].mean()}
    )  # fmt: skip
