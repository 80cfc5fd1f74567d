"""Feature tables put together by hand, for the screens."""

from __future__ import annotations

import numpy as np
import pandas as pd

from payseg_widgets.features.measure import Measure
from payseg_widgets.features.table import FeatureTable


def measure(name, label=None, *, unit="days", worse="higher", meaning="What it means.", reason="no payment"):
    return Measure(
        name, label or name, unit, worse, False, lambda invoices: np.empty(0), meaning, reason=reason
    )


def table_of(columns, *measures, currency="GBP"):
    """Make a table of columns; a column without a measure gets a plain one."""
    given = {m.name: m for m in measures}
    frame = pd.DataFrame(columns, dtype="float64").rename_axis("customer_id")
    frame.index = pd.Index([f"C{i}" for i in range(len(frame))], dtype="str", name="customer_id")
    known = tuple(given.get(name) or measure(name) for name in frame)
    return FeatureTable(frame, known, pd.Timestamp("2024-12-31"), "late = paid after the due date", currency)
