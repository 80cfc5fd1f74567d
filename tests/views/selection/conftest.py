"""A table of customers to select from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def customers():
    """Five customers: one with nothing known, one in no region."""
    return pd.DataFrame(
        {
            "late_ratio": [0.5, 0.4, 0.39, np.nan, 1.0],
            "mean_days_late": [30.0, -2.0, 0.0, np.nan, 90.0],
            "n_invoices": [10, 20, 30, 0, 5],
            "segment": pd.Categorical(["C", "A", "C", "B", "C"]),
            "region": pd.array(["Wales", "Scotland", None, "Wales", "London"], dtype="str"),
        },
        index=pd.Index(["C1", "C2", "C3", "C4", "C5"], name="customer_id"),
    )
