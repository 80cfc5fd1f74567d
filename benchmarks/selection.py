"""Time selecting customers and saying what they have in common, and write the table into docs/benchmarks.md.

uv run python benchmarks/selection.py
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
from sections import machine, write_section

from payseg_widgets import Selection
from payseg_widgets.features.measure import Measure
from payseg_widgets.views.contrast import describe_selection
from payseg_widgets.views.selection import Grid, lasso_hits

EXPRESSION = "a > 0.4 and s == 'C' or 0.1 <= a < 0.2"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=7, help="runs of each; median and range are written")
    parser.add_argument("--no-report", action="store_true", help="print only")
    options = parser.parse_args()
    rng = np.random.default_rng(1)
    jobs = [*expressions(rng), *cells(rng), *lassos(rng), *descriptions(rng)]
    lines = [
        "## Selecting customers",
        "",
        f"`uv run python benchmarks/selection.py --repeats {options.repeats}`, {date.today()}; {machine()}.",
        f"Milliseconds: median of {options.repeats} runs after a first one (lowest to highest);",
        f"load average of the last quarter of an hour {os.getloadavg()[2]:.1f}.",
        "",
        "| what | customers | ms | goal, ms |",
        "|---|---|---|---|",
    ]
    for what, customers, goal, work in jobs:
        walls = timed(work, options.repeats)
        middle = statistics.median(walls)
        met = "met" if middle <= goal else "**missed**"
        spread = f"{middle:.0f} ({min(walls):.0f} to {max(walls):.0f})"
        lines.append(f"| {what} | {customers:,} | {spread} | {goal:,}: {met} |")
    text = "\n".join(lines)
    print(text)
    if not options.no_report:
        write_section("selection", text)


Job = tuple[str, int, int, Callable[[], object]]
"""What is done, for how many customers, in how many milliseconds at most, and the work itself."""


def expressions(rng: np.random.Generator, n: int = 1_000_000) -> list[Job]:
    """Apply a typed selection to a table."""
    codes = pd.Categorical.from_codes(rng.integers(0, 3, n), list("ABC"))
    table = pd.DataFrame({"a": rng.random(n), "s": codes})
    wanted = Selection.parse(EXPRESSION)
    return [(f"`{EXPRESSION}`", n, 1_000, lambda: wanted.apply(table))]


def cells(rng: np.random.Generator, n: int = 1_000_000) -> list[Job]:
    """Turn values into cells of an axis."""
    values = rng.lognormal(2, 1, n)
    linear, log = Grid.of(values), Grid.of(values, scale="log")
    return [
        ("values into cells, linear axis", n, 400, lambda: linear.encode(values)),
        ("values into cells, log axis", n, 400, lambda: log.encode(values)),
    ]


def lassos(rng: np.random.Generator, n: int = 1_000_000) -> list[Job]:
    """Hit-test a round lasso, and one that goes to and fro across the whole picture."""
    x, y = rng.integers(0, 65_535, (2, n)).astype(np.uint16)
    angle = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    round_one = np.column_stack([32_000 + 30_000 * np.cos(angle), 32_000 + 30_000 * np.sin(angle)])
    zigzag = np.column_stack([np.linspace(0, 65_534, 200), np.tile([0, 65_534], 100)])
    return [
        ("a round lasso of 200 corners", n, 1_000, lambda: lasso_hits(x, y, round_one.astype(int))),
        ("a zigzag lasso of 200 corners", n, 2_000, lambda: lasso_hits(x, y, zigzag.astype(int))),
    ]


def descriptions(rng: np.random.Generator, n: int = 100_000) -> list[Job]:
    """Say what a fifth of the customers have in common."""
    names = [f"m{i}" for i in range(12)]
    measures = [Measure(name, name, "days", "higher", False, lambda invoices: invoices, "") for name in names]
    table = pd.DataFrame({name: rng.lognormal(size=n) for name in names})
    chosen = rng.random(n) < 0.2
    what = "what the selected have in common, 12 measures"
    return [(what, n, 600, lambda: describe_selection(table, chosen, measures))]


def timed(work: Callable[[], object], repeats: int) -> list[float]:
    """Return the milliseconds of each run; a first one, which compiles and fills caches, is left out."""
    work()
    walls = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        walls.append(1_000 * (time.perf_counter() - began))
    return walls


if __name__ == "__main__":
    main()
