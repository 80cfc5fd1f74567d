"""payseg_widgets: all its measures of a saved ledger."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from payseg_widgets.features.saved import saved_features


def run(folder: Path, as_of: int) -> pd.DataFrame:
    return saved_features(folder)
