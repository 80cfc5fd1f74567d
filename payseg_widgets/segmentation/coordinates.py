"""Two axes on which to draw the customers."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from payseg_widgets.errors import MissingDependencyError, SegmentationError, UnknownNameError
from payseg_widgets.segmentation.prepare import Prepared

if TYPE_CHECKING:
    from payseg_widgets.features.table import FeatureTable
    from payseg_widgets.segmentation.result import Segmentation

#: Ways to draw the customers in two dimensions.
MAPS = ("pca", "pacmap")
#: Fewer customers have too few neighbours for PaCMAP.
LEAST_PACMAP = 20


def customer_map(segmentation: Segmentation, features: FeatureTable, method: str = "pca") -> pd.DataFrame:
    """Return two axes on which to draw the customers of a segmentation.

    Parameters
    ----------
    segmentation : Segmentation
    features : FeatureTable
        The table it was made from.
    method : {"pca", "pacmap"}
        Principal components are instant, and their axes mean something. PaCMAP keeps neighbours together better; its
        axes mean nothing. It needs the extra ``maps``.

    Returns
    -------
    pandas.DataFrame
        ``x`` and ``y`` of each customer the segmentation could prepare, index ``customer_id``; ``attrs`` holds ``x_label`` and
        ``y_label``. The same for the same seed.

    Raises
    ------
    UnknownNameError
        For another method.
    MissingDependencyError
        If pacmap is not installed.
    SegmentationError
        If PaCMAP has too few customers.

    References
    ----------
    Wang, Y., Huang, H., Rudin, C. and Shaposhnik, Y. (2021). Understanding how dimension reduction tools work. Journal of
    Machine Learning Research 22(201), 1-73.
    """
    if method not in MAPS:
        raise UnknownNameError(f"{method!r} is no map. There are: {', '.join(map(repr, MAPS))}.")
    if method == "pca":
        return segmentation.coordinates
    try:
        import pacmap
    except ModuleNotFoundError as error:
        raise MissingDependencyError(
            f"a PaCMAP map needs pacmap ({error}). Install the extra: python3 -m pip install 'payseg-widgets[maps]', "
            "or take map='pca'."
        ) from error
    prepared = segmentation._assigner.preparation.transform(features)
    if len(prepared.rows) < LEAST_PACMAP:
        raise SegmentationError(
            f"a PaCMAP map needs {LEAST_PACMAP} customers, and there are {len(prepared.rows)}. Take map='pca'."
        )
    logging.getLogger("pacmap").setLevel(logging.ERROR)  # it warns of every seed
    fit = pacmap.PaCMAP(n_components=2, random_state=segmentation.seed)
    places = fit.fit_transform(np.asarray(prepared.rows, np.float32))
    table = pd.DataFrame(np.asarray(places, float), index=prepared.index, columns=["x", "y"])
    table.attrs = {
        f"{name}_label": f"PaCMAP {k}, without a meaning of its own" for k, name in enumerate("xy", 1)
    }
    return table


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
