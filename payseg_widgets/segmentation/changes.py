"""The smallest change of one feature that would place a customer elsewhere, found by placing it there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from payseg_widgets.segmentation.prepare import values_of
from payseg_widgets.segmentation.readable import roundest
from payseg_widgets.segmentation.transforms import Composition

if TYPE_CHECKING:
    from payseg_widgets.features.table import FeatureTable
    from payseg_widgets.segmentation.placement import Placement

#: Values tried of each feature, evenly spaced and at the portfolio's quantiles, so many of each.
_GRID = 64
#: Halvings of the span between the last value that leaves the customer where it is and the first that moves it.
_HALVINGS = 40
#: A change may be larger by these shares, the first that serves, to be a round number.
_ROUNDING = (0.1, 0.03, 0.01, 0.001)


@dataclass(frozen=True, repr=False)
class Variants:
    """A customer with one feature changed at a time, everything else as it is.

    Attributes
    ----------
    placement : Placement
    values : pandas.Series
        The customer's features, index feature.
    counts : pandas.Series, optional
        Observations behind each.
    """

    placement: Placement
    values: pd.Series
    counts: pd.Series | None

    def segments(self, names: list[str], values: np.ndarray) -> np.ndarray:
        """Return where the customer is placed with each of the features at the value, one change at a time."""
        frame = self.changed(names, values)
        counts = None
        if self.counts is not None:
            counts = pd.DataFrame([self.counts] * len(frame), index=frame.index)
        labels = self.placement.fitted.assign(self.placement.preparation.rows(frame, counts))[0]
        return self.placement.renumbered(labels)

    def changed(self, names: list[str], values: np.ndarray) -> pd.DataFrame:
        """Return a row for each change; the other shares of a composition give way in proportion."""
        columns = {name: np.full(len(names), value) for name, value in self.values.items()}
        of = np.array(names, dtype=object)
        for name in dict.fromkeys(names):
            rows = of == name
            for other, shares in self._others(name, values[rows]).items():
                columns[other][rows] = shares
            columns[name][rows] = values[rows]
        return pd.DataFrame(columns)

    def _others(self, name: str, shares: np.ndarray) -> dict[str, np.ndarray]:
        family = next((f for f in self._families() if name in f), ())
        others = [other for other in family if other != name]
        total = self.values[others].sum() if others else 0.0
        if not others:
            return {}
        part = self.values[others] / total if total > 0 else pd.Series(1 / len(others), index=others)
        return {other: (1 - shares) * part[other] for other in others}

    def _families(self) -> list[tuple[str, ...]]:
        return [part.names for part in self.placement.preparation.parts if isinstance(part, Composition)]

    def spreads(self, name: str, value: float) -> float:
        """Return how far the change to a value goes, in standard deviations of the portfolio on the prepared form."""
        for part in self.placement.preparation.parts:
            if isinstance(part, Composition) and name in part.names:
                changed = self.changed([name], np.array([value]))[list(part.names)].to_numpy()
                before = self.values[list(part.names)].to_numpy(dtype="float64")[None]
                return float(np.linalg.norm(part.spreads(changed) - part.spreads(before)))
            if not isinstance(part, Composition) and part.name == name:
                now, then = part.spreads(np.array([self.values[name], value]))
                return abs(float(then - now))
        return float("nan")


def smallest_changes(placement: Placement, features: FeatureTable, one: FeatureTable) -> pd.DataFrame:
    """Return for each feature the nearest value at which the model places the customer elsewhere.

    Values are tried within what the portfolio shows, whole numbers for counts. Half of a change that is returned leaves
    the customer where it is.

    Parameters
    ----------
    placement : Placement
    features : FeatureTable
        The portfolio.
    one : FeatureTable
        The customer alone, known well enough to be placed.

    Returns
    -------
    pandas.DataFrame
        Index feature, smallest ``spreads`` first: ``value`` (now; NaN where it is missing, and then not changed),
        ``new_value``, ``spreads`` and ``segment`` (-1 for none), the last three missing where no value moves it. A
        customer in no segment moves into one only.
    """
    names = placement.preparation.names
    counts = one.counts.iloc[0] if one.invoices is not None else None
    variants = Variants(placement, values_of(one, names).iloc[0], counts)
    known = values_of(features, names)[(placement.preparation.status(features) == "").to_numpy()]
    counted = {m.name for m in features.measures if m.unit == "count"}
    search = _Search(variants, counted)
    found = search.nearest({name: _grid(known[name], name in counted) for name in names})
    table = pd.DataFrame.from_dict(found, orient="index", columns=["new_value", "spreads", "segment"])
    table = table.reindex(list(names)).rename_axis("feature")
    table.insert(0, "value", variants.values)
    table["segment"] = table["segment"].astype("Int64")
    return table.sort_values("spreads", kind="stable")


def _grid(known: pd.Series, is_count: bool) -> np.ndarray:
    present = known.dropna().to_numpy()
    if not len(present):
        return np.empty(0)
    even = np.linspace(present.min(), present.max(), _GRID)
    grid = np.concatenate([even, np.quantile(present, np.linspace(0, 1, _GRID), method="nearest")])
    return np.unique(np.floor(grid) if is_count else grid)


@dataclass(frozen=True, repr=False)
class _Search:
    variants: Variants
    counted: set[str]

    def nearest(self, grids: dict[str, np.ndarray]) -> dict[str, tuple[float, float, int]]:
        """Return new value, spreads and segment of each feature that can move the customer."""
        now = self.variants.values
        own = int(self.variants.segments([str(now.index[0])], now.iloc[[0]].to_numpy())[0])
        tried = [(name, value) for name, grid in grids.items() if not np.isnan(now[name]) for value in grid]
        if not tried:
            return {}
        names, values = [name for name, _ in tried], np.array([value for _, value in tried])
        moves = self._moves(names, values, own)
        spans: list[tuple[str, float, float]] = []
        for name in dict.fromkeys(names):
            mine = np.array(names, dtype=object) == name
            for side in (values < now[name], values > now[name]):
                at = values[mine & side & moves]
                if len(at):
                    far = float(at[np.abs(at - now[name]).argmin()])
                    between = values[mine & side & (np.abs(values - now[name]) < abs(far - now[name]))]
                    near = between[np.abs(between - far).argmin()] if len(between) else now[name]
                    spans.append((name, float(near), far))
        return self._best(spans, grids, own)

    def _best(
        self, spans: list[tuple[str, float, float]], grids: dict[str, np.ndarray], own: int
    ) -> dict[str, tuple[float, float, int]]:
        best: dict[str, tuple[float, float, int]] = {}
        for name, near, far in spans:
            value = self._rounded(name, self._border(name, near, far, own), grids[name], own)
            spreads = self.variants.spreads(name, value)
            if name not in best or spreads < best[name][1]:
                best[name] = (value, spreads, self._at(name, value))
        return best

    def _border(self, name: str, near: float, far: float, own: int) -> float:
        """Return the nearest value that moves the customer, and half the way to which does not."""
        now = float(self.variants.values[name])
        while True:
            for _ in range(_HALVINGS):
                middle = self._half(name, near, far)
                if middle in (near, far) or abs(far - near) <= 1e-9 * abs(far - now):
                    break
                near, far = (near, middle) if self._moved(name, middle, own) else (middle, far)
            half = self._half(name, now, far)
            if half == now or not self._moved(name, half, own):
                return far
            near, far = now, half  # something nearer lies between, which the grid has missed

    def _rounded(self, name: str, border: float, grid: np.ndarray, own: int) -> float:
        now, segment = float(self.variants.values[name]), self._at(name, border)
        if name in self.counted:
            return border
        for more in _ROUNDING:
            beyond = float(np.clip(border + more * (border - now), grid[0], grid[-1]))
            value = roundest(min(border, beyond), max(border, beyond))
            half = now + (value - now) / 2
            if self._at(name, value) == segment and not self._moved(name, half, own):
                return value
        return border

    def _half(self, name: str, start: float, end: float) -> float:
        half = (end - start) / 2
        return start + float(np.trunc(half) if name in self.counted else half)

    def _at(self, name: str, value: float) -> int:
        return int(self.variants.segments([name], np.array([value]))[0])

    def _moved(self, name: str, value: float, own: int) -> bool:
        return bool(self._moves([name], np.array([value]), own)[0])

    def _moves(self, names: list[str], values: np.ndarray, own: int) -> np.ndarray:
        segments = self.variants.segments(names, values)
        return segments >= 0 if own < 0 else segments != own
