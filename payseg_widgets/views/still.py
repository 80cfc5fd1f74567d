"""Linked pictures as a still image, for where nothing can be brushed: a saved notebook on a web page, an e-mail."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from bokeh.plotting import figure

from payseg_widgets.views import theme
from payseg_widgets.views.brush import UNPLACED, Brush

_WIDTH, _HEIGHT = 440, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 74, 14, 34, 62
_LEGEND_ROW = 20
#: Pictures drawn, places marked in each, and customers looked at.
_MOST_PICTURES, _MOST_MARKS, _MOST_CUSTOMERS = 2, 500, 50_000
_N_CELLS = 65_535
#: Outlines around a mark's middle, in the order of ``theme.SEGMENT_MARKERS``; the last for whoever is in no segment.
_SHAPES = (
    "m-3 0a3 3 0 106 0a3 3 0 10-6 0z", "m-3-3h6v6h-6z", "m-4 3h8l-4-7z", "m0-4l4 4-4 4-4-4z", "m-4-3h8l-4 7z",
    "m-2-3h4l2 3-2 3h-4l-2-3z", "m-1-4h2v3h3v2h-3v3h-2v-3h-3v-2h3z", "m0-4l1 3h3l-2 2 1 3-3-2-3 2 1-3-2-2h3z",
    "m-3-3l6 6m0-6l-6 6",
)  # fmt: skip


@dataclass(frozen=True)
class _Axis:
    """An axis between two values, ``pixels`` long."""

    start: float
    end: float
    is_log: bool
    pixels: int

    def at(self, values: Any) -> Any:
        """Return how far along the axis values lie, in pixels."""
        bend = np.log if self.is_log else np.asarray
        low, high = bend(self.start), bend(self.end)
        return (bend(values) - low) / (high - low) * self.pixels

    def ticks(self) -> list[float]:
        """Return round values, at most about five, none of them a negative zero."""
        if self.is_log:
            powers = np.arange(np.floor(np.log10(self.start)), np.ceil(np.log10(self.end)) + 1)
            every = max(1, round(len(powers) / 5))
            found = 10.0 ** powers[::every]
            if len(powers) <= 3:
                found = np.outer(found, [1, 3]).ravel()
        else:
            rough = (self.end - self.start) / 4
            power = 10.0 ** np.floor(np.log10(rough))
            step = power * min((1, 2, 5, 10), key=lambda nice: abs(np.log(nice * power / rough)))
            found = np.arange(np.ceil(self.start / step), np.floor(self.end / step) + 1) * step
        return [float(tick) + 0.0 for tick in found if self.start <= tick <= self.end]


def brush_still(brush: Brush) -> str:
    """Return the first pictures of a brush as an ``img`` element, some 5 to 60 kB of SVG with nothing that tells who is who.

    Of more than 50,000 customers every n-th is drawn, and where more than 500 places of a picture are taken, they are
    thinned to a grid; each mark has the shape and colour of the commonest segment there.
    """
    pictures = [p for p in brush.spec["pictures"] if p["paint_y"] == p["y"]][:_MOST_PICTURES]
    kinds = _kinds(brush)
    panels = [_panel(brush, picture, kinds, k * _WIDTH) for k, picture in enumerate(pictures)]
    legend, rows = _legend(brush, len(panels) * _WIDTH)
    width, height = len(panels) * _WIDTH, _HEIGHT + rows * _LEGEND_ROW
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' font-family="Helvetica,Arial,sans-serif" font-size="11" fill="{theme.MUTED}">'
        f'<rect width="100%" height="100%" fill="white"/>{"".join(panels)}{legend}</svg>'
    )
    said = escape(f"{brush.view.title}. {brush.view.sentence}", quote=True)
    source = base64.b64encode(svg.encode()).decode()
    return f'<img alt="{said}" src="data:image/svg+xml;base64,{source}" style="max-width: 100%">'


def _kinds(brush: Brush) -> np.ndarray:
    """Return which colour and shape each customer drawn has."""
    codes = _drawn(brush, np.frombuffer(brush.buffers[len(brush.spec["columns"])], "uint8"))
    last = len(theme.SEGMENT_COLOURS)
    return np.where(codes == UNPLACED, last, np.minimum(codes, last - 1))


def _drawn(brush: Brush, column: np.ndarray) -> np.ndarray:
    return column[:: -(-brush.spec["n"] // _MOST_CUSTOMERS) or 1]


def _panel(brush: Brush, picture: Mapping[str, str], kinds: np.ndarray, left: int) -> str:
    plot = brush.view.figure.select_one({"name": picture["figure"]})
    names = [column["name"] for column in brush.spec["columns"]]
    axes, values = [], []
    for axis, pixels in (("x", _WIDTH - _LEFT - _RIGHT), ("y", _HEIGHT - _TOP - _BOTTOM)):
        column = brush.spec["columns"][names.index(picture[axis])]
        ends = getattr(plot, f"{axis}_range")
        axes.append(_Axis(ends.start, ends.end, column["scale"] == "log", pixels))
        values.append(
            _values(column, _drawn(brush, np.frombuffer(brush.buffers[names.index(picture[axis])], "<u2")))
        )
    across, up = (axis.at(value) for axis, value in zip(axes, values, strict=True))
    marks = _marks(across, axes[1].pixels - up, kinds)
    return f'<g transform="translate({left + _LEFT} {_TOP})">{"".join(_frame(plot, *axes))}{marks}</g>'


def _values(column: Mapping[str, Any], cells: np.ndarray) -> np.ndarray:
    """Return the value in the middle of each cell, NaN where there is none."""
    share = np.where(cells == _N_CELLS, np.nan, (cells + 0.5) / _N_CELLS)
    low, high = column["low"], column["high"]
    return low * (high / low) ** share if column["scale"] == "log" else low + share * (high - low)


def _marks(across: np.ndarray, down: np.ndarray, kinds: np.ndarray) -> str:
    """Return one path a kind, over places at most so fine that there are ``_MOST_MARKS`` of them."""
    seen = (across >= 0) & (across <= _WIDTH) & (down >= 0) & (down <= _HEIGHT)
    across, down, kinds = across[seen], down[seen], kinds[seen]
    grid, n_kinds, width = 0, len(_SHAPES), _WIDTH + 1
    counts = np.ones((_MOST_MARKS + 1, n_kinds), np.int64)
    while np.count_nonzero(counts.any(axis=1)) > _MOST_MARKS:
        grid += 1
        cells = np.rint(down / grid).astype(int) * width + np.rint(across / grid).astype(int)
        counts = np.bincount(cells * n_kinds + kinds, minlength=n_kinds)
        counts = np.pad(counts, (0, -len(counts) % n_kinds)).reshape(-1, n_kinds)
    paths: dict[int, list[str]] = {}
    for cell in np.flatnonzero(counts.any(axis=1)).tolist():
        y, x = divmod(cell, width)
        kind = int(counts[cell].argmax())
        paths.setdefault(kind, []).append(f"M{x * grid} {y * grid}{_SHAPES[kind]}")
    return "".join(f'<path d="{"".join(drawn)}" {_ink(kind)}/>' for kind, drawn in sorted(paths.items()))


def _ink(kind: int) -> str:
    if kind == len(theme.SEGMENT_COLOURS):
        return f'fill="none" stroke="{theme.NOISE_COLOUR}"'
    return f'fill="{theme.SEGMENT_COLOURS[kind]}" fill-opacity="0.8"'


def _frame(plot: figure, x: _Axis, y: _Axis) -> Iterator[str]:
    """Draw title, grid, ticks and the names of the axes."""
    yield f'<text y="-14" font-size="13" font-weight="bold" fill="{theme.INK}">{escape(str(plot.title.text))}</text>'
    for axis, is_x, unit in ((x, True, plot.xaxis[0]), (y, False, plot.yaxis[0])):
        is_ratio = getattr(unit.formatter, "format", "") == "0%"
        for tick in axis.ticks():
            at = round(float(axis.at(tick)))
            line, text = (f"M{at} 0v{y.pixels}", f'x="{at}" y="{y.pixels + 15}" text-anchor="middle"')
            if not is_x:
                at = y.pixels - at
                line, text = (f"M0 {at}h{x.pixels}", f'x="-6" y="{at + 4}" text-anchor="end"')
            yield f'<path d="{line}" stroke="{theme.GRID}"/><text {text}>{_written(tick, is_ratio)}</text>'
    yield f'<g transform="translate({x.pixels / 2} {y.pixels + 32})">{_lines(plot.xaxis[0].axis_label)}</g>'
    yield f'<g transform="translate(-58 {y.pixels / 2}) rotate(-90)">{_lines(plot.yaxis[0].axis_label)}</g>'


def _lines(label: str) -> str:
    return "".join(
        f'<text y="{13 * k}" text-anchor="middle">{escape(line)}</text>'
        for k, line in enumerate(label.split("\n"))
    )


def _written(value: float, is_ratio: bool) -> str:
    if is_ratio:
        return f"{value:.0%}"
    for size, letter in ((1e9, "b"), (1e6, "m"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{letter}"
    return f"{round(value, 10):g}"


def _legend(brush: Brush, width: int) -> tuple[str, int]:
    """Return the segments' marks and names below the pictures, and how many rows they take."""
    names: Sequence[str] = brush.spec["segments"][: len(theme.SEGMENT_COLOURS)]
    entries = list(enumerate(names))
    if brush.spec["has_unplaced"]:
        entries.append((len(theme.SEGMENT_COLOURS), "not placed"))
    across = max(1, width // _WIDTH)
    drawn = []
    for k, (kind, name) in enumerate(entries):
        x, y = 14 + (k % across) * _WIDTH, _HEIGHT + 6 + (k // across) * _LEGEND_ROW
        drawn.append(f'<path d="M{x} {y}{_SHAPES[kind]}" {_ink(kind)}/>')
        drawn.append(f'<text x="{x + 12}" y="{y + 4}" fill="{theme.INK}">{escape(name)}</text>')
    return "".join(drawn), -(-len(entries) // across)
