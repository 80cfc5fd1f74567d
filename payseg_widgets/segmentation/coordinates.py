"""Two axes on which to draw the customers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from payseg_widgets.segmentation.prepare import Prepared


def coordinates(prepared: Prepared, columns: tuple[str, ...], titles: Mapping[str, str]) -> pd.DataFrame:
    """Return the first two principal components, each turned so that its heaviest feature points up.

    ``titles`` gives what an analyst calls each column; the axes' labels in ``attrs`` use it.
    """
    centred = prepared.rows - prepared.rows.mean(axis=0)
    values, axes = np.linalg.eigh(centred.T @ centred)
    axes = axes[:, ::-1][:, :2]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    scores = np.zeros((len(centred), 2))
    scores[:, : axes.shape[1]] = centred @ axes
    table = pd.DataFrame(scores, index=prepared.index, columns=["x", "y"])
    shares = np.append(values[::-1] / max(values.sum(), 1e-300), 0.0)
    for j, name in enumerate(("x", "y")):
        heaviest = (
            [titles.get(columns[i], columns[i]).lower() for i in np.abs(axes[:, j]).argsort()[::-1][:2]]
            if j < axes.shape[1]
            else []
        )
        table.attrs[f"{name}_label"] = (
            f"Axis {j + 1}: {' and '.join(heaviest)} ({shares[j]:.0%} of the variance)" if heaviest else "–"
        )
    return table
