"""Low, medium and high mean something, whoever else is in the portfolio."""

import numpy as np
import pandas as pd
import pytest

from payseg_widgets.segmentation.risk import risk_level


@pytest.mark.parametrize(
    ("days", "share", "expected"),
    [
        (-3, 0.0, "low"),
        (3.9, 0.01, "low"),
        (20, 0.03, "medium"),
        (3, 0.2, "medium"),
        (104, 0.9, "high"),
        (12, 0.4, "high"),
    ],
)
@pytest.mark.parametrize("mean_rank", [0.1, 0.9])
def test_risk_is_absolute_where_delays_are_known(days, share, expected, mean_rank):
    behaviour = pd.DataFrame({"mean_days_late": [days] * 3, "late_by_30_ratio": [share] * 3})
    assert risk_level(behaviour, mean_rank) == expected


@pytest.mark.parametrize(
    "behaviour", [pd.DataFrame({"tenure_days": [3.0]}), pd.DataFrame({"mean_days_late": [np.nan]})]
)
def test_risk_is_relative_where_no_delay_is_known(behaviour):
    assert [risk_level(behaviour, rank) for rank in (0.2, 0.5, 0.8)] == ["low", "medium", "high"]
