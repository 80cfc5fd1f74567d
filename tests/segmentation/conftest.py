"""Feature tables put together by hand, with four known kinds of payer or none."""

from __future__ import annotations

import importlib
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from payseg_widgets.features.measure import Measure
from payseg_widgets.features.table import FeatureTable
from payseg_widgets.segmentation.segment import segment

UNITS = {
    "mean_days_late": ("days", "higher", ""),
    "on_time_ratio": ("ratio", "lower", ""),
    "payment_consistency": ("days", "higher", ""),
    "total_invoiced": ("money", "", ""),
    "n_invoices": ("count", "", ""),
}


def _measure(name: str, unit: str, worse: str, family: str) -> Measure:
    return Measure(
        name,
        name.replace("_", " ").capitalize(),
        unit,
        worse,
        False,
        lambda invoices: np.empty(0),
        "",
        family,
    )


@pytest.fixture(scope="session")
def table_of() -> Callable[..., FeatureTable]:
    def make(frame: pd.DataFrame, units: dict[str, tuple[str, str, str]] | None = None) -> FeatureTable:
        units = units or UNITS
        frame = frame.rename_axis("customer_id")
        measures = tuple(_measure(name, *units[name]) for name in frame)
        return FeatureTable(
            frame, measures, pd.Timestamp("2024-12-31"), "late = paid after the due date", "GBP"
        )

    return make


@pytest.fixture(scope="session")
def four_kinds(table_of) -> tuple[FeatureTable, np.ndarray]:
    """Payers in order of risk: prompt large, slow but sure, erratic, very late small."""
    rng = np.random.default_rng(5)
    kind = rng.permutation(np.repeat([0, 1, 2, 3], [80, 60, 50, 30]))
    n = len(kind)
    frame = pd.DataFrame(
        {
            "mean_days_late": np.array([-4, 15, 25, 70])[kind] + rng.normal(size=n) * 2,
            "on_time_ratio": np.clip(
                np.array([0.95, 0.35, 0.4, 0.02])[kind] + rng.normal(size=n) * 0.03, 0, 1
            ),
            "payment_consistency": np.array([2, 3, 25, 15])[kind] * np.exp(rng.normal(size=n) * 0.1),
            "total_invoiced": np.array([9e5, 3e5, 2e5, 2e4])[kind] * np.exp(rng.normal(size=n) * 0.3),
            "n_invoices": np.full(n, 24.0),
        },
        index=[f"C{i:03d}" for i in range(n)],
    )
    return table_of(frame), kind


@pytest.fixture(scope="session")
def one_crowd(table_of) -> FeatureTable:
    """Payers who differ by degrees only: correlated normal and log-normal features."""
    rng = np.random.default_rng(3)
    n = 300
    z = rng.multivariate_normal(np.zeros(3), [[1, -0.5, 0.2], [-0.5, 1, 0], [0.2, 0, 1]], size=n)
    frame = pd.DataFrame(
        {
            "mean_days_late": 10 + 6 * z[:, 0],
            "on_time_ratio": 0.5 + 0.12 * np.clip(z[:, 1], -3, 3),
            "payment_consistency": 6 + z[:, 2],
            "total_invoiced": np.exp(10 + rng.normal(size=n)),
            "n_invoices": np.full(n, 24.0),
        },
        index=[f"C{i:03d}" for i in range(n)],
    )
    return table_of(frame)


@pytest.fixture
def no_gate(monkeypatch, one_crowd) -> None:
    """Give every segmentation the structure gate of one crowd: it moves no customer, and takes half of the time."""
    gate = segment(one_crowd, compare=False).gate
    module = importlib.import_module("payseg_widgets.segmentation.segment")
    monkeypatch.setattr(module, "check_structure", lambda *_args, **_options: gate)
