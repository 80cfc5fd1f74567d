"""What `screens.py` measured, as its section of docs/benchmarks.md: a table, and which goals were met."""

from __future__ import annotations

import math

from sections import machine

OURS = "payseg_widgets"
#: Of ours: measure -> size -> most it may be; the rate is the least.
GOALS = {
    "paint": {10_000: 400, 100_000: 600, 1_000_000: 1200},
    "brush": {10_000: 50, 100_000: 60, 1_000_000: 100},
    "knows": {10_000: 50, 100_000: 50, 1_000_000: 50},
    "rate": {100_000: 20, 1_000_000: 10},
    "start_bytes": {1_000_000: 13e6},
    "brush_bytes": {1_000_000: 130e3},
}
#: How a measure is called, its unit, and what it is divided by.
SAID = {
    "paint": ("first paint", "ms", 1),
    "brush": ("brush", "ms", 1),
    "knows": ("Python knows after", "ms", 1),
    "rate": ("live while dragging", "frames/s", 1),
    "start_bytes": ("at the start", "MB", 1e6),
    "brush_bytes": ("a brush", "kB", 1e3),
}

TEXT = """## Six linked views in JupyterLab

The same customers, six columns and five segments, as six linked scatters in JupyterLab, 1280 x 1100 pixels, headless
Chromium without a graphics card (WebGL in software, which jupyter-scatter draws with: read ratios). Medians of {repeats}
fresh notebooks with {n_brushes} boxes each, dragged with the mouse over the first view; packages imported and the table read
before. First paint: from executing the cell until the last of the six views is drawn. Brush: from pointer up until the last
of the six is drawn anew. A view counts as drawn when the frame after begins. Python knows: pointer up until an observer in
the kernel is called. Frames: how often a second the least drawn of the six views changes in a drag of two seconds; 0 is a
stack whose linked views change at pointer up only. Bytes: websocket frames with the kernel, both ways, before compression.
payseg_widgets is `BrushPane`; its start includes BokehJS. jupyter-scatter is six scatters in `compose(sync_selection=True)`,
a rectangle as lasso; its start includes its scripts. jupyter_bokeh is `BokehModel` over one `ColumnDataSource`; its BokehJS
is on the page before, and its box is made `continuous` for the frames alone. A box is at the same share of each stack's
first view, whose margins differ.

| customers | stack | first paint, ms | brush, ms | Python knows, ms | frames/s | MB at start | kB a brush |
|---|---|---|---|---|---|---|---|
{rows}

{goals}{problems}
`uv run --with jupyter-scatter --with jupyter-bokeh {command}`, {day}, {minutes:.0f} minutes; {machine}; load average of the
last quarter of an hour {load[0]:.1f} before and {load[1]:.1f} after. {software}.
"""


def text(results, **facts) -> str:
    """Return the section."""
    problems = [
        f"* {one.stack} at {one.n:,} did not run to the end: {one.problem}" for one in results if one.problem
    ]
    problems += [
        f"* {one.stack} at {one.n:,}, on the browser's console: {complaint}"
        for one in results
        for complaint in sorted(one.complaints)
    ]
    return TEXT.format(
        rows="\n".join(map(_row, results)),
        goals=_goals(results),
        problems="".join(f"\n{problem}" for problem in problems) + ("\n" if problems else ""),
        machine=machine(),
        **facts,
    )


def _row(one) -> str:
    cells = [_shown(one, name) for name in SAID]
    said = " (did not run to the end)" if one.problem else ""
    return f"| {one.n:,} | {one.stack}{said} | {' | '.join(cells)} |"


def _shown(one, name: str) -> str:
    value = one.middle(name) / SAID[name][2]
    if math.isnan(value):
        return "-"
    return f"{value:,.1f}" if name in ("rate", "start_bytes", "brush_bytes") else f"{value:,.0f}"


def _goals(results) -> str:
    """Say for each goal of ours whether it was met."""
    rows = ["| goal of payseg_widgets | customers | reached | |", "|---|---|---|---|"]
    for name, (called, unit, by) in SAID.items():
        for one in results:
            if one.stack != OURS or one.n not in GOALS[name]:
                continue
            goal, reached = GOALS[name][one.n], one.middle(name)
            met = reached >= goal if name == "rate" else reached <= goal  # NaN meets nothing
            bound = "at least" if name == "rate" else "at most"
            verdict = "met" if met else "**missed**"
            goal_said = f"{called}: {bound} {goal / by:,.0f} {unit}"
            rows.append(f"| {goal_said} | {one.n:,} | {_shown(one, name)} | {verdict} |")
    return "\n".join(rows) + "\n" if len(rows) > 2 else ""
