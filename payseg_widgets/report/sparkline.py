"""A figure's course as a line small enough for a cell of a table, and a share as a bar."""

from __future__ import annotations

import numpy as np
import pandas as pd
from markupsafe import Markup

_WIDTH, _HEIGHT, _MARGIN = 120, 28, 3


def sparkline(past: pd.Series, said: str) -> Markup:
    """Draw values by day as an inline SVG; empty with fewer than two that are known.

    Parameters
    ----------
    past : pandas.Series
        Index day, oldest first; a missing value leaves a gap.
    said : str
        What it shows, for who does not see it.
    """
    values = past.to_numpy(float)
    known = np.flatnonzero(np.isfinite(values))
    if len(known) < 2:
        return Markup()
    low, high = values[known].min(), values[known].max()
    x = np.linspace(_MARGIN, _WIDTH - _MARGIN, len(values))
    y = _HEIGHT - _MARGIN - (values - low) / (high - low or 1.0) * (_HEIGHT - 2 * _MARGIN)
    runs = np.split(known, np.flatnonzero(np.diff(known) > 1) + 1)
    path = " ".join("M" + "L".join(f"{x[i]:.1f} {y[i]:.1f}" for i in run) for run in runs)
    last = known[-1]
    return Markup(
        '<svg class="spark" role="img" aria-label="{}" viewBox="0 0 {} {}" width="{}" height="{}">'
        '<path d="{}"/><circle cx="{}" cy="{}" r="2.5"/></svg>'
    ).format(said, _WIDTH, _HEIGHT, _WIDTH, _HEIGHT, path, f"{x[last]:.1f}", f"{y[last]:.1f}")


def bar(share: float, most: float) -> Markup:
    """Draw a share as a bar whose full width is ``most``; empty where it is missing. The figure stands beside it."""
    if pd.isna(share) or not most > 0:
        return Markup()
    return Markup('<span class="bar" aria-hidden="true" style="width: {}px"></span>').format(
        round(100 * share / most)
    )
