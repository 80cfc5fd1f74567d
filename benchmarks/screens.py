"""Six linked views in a real JupyterLab: ours beside jupyter-scatter and jupyter_bokeh, by one and the same stopwatch.

``uv run --with jupyter-scatter --with jupyter-bokeh python benchmarks/screens.py`` rewrites its section of
docs/benchmarks.md. A stack that does not run is reported as such.
"""

from __future__ import annotations

import argparse
import datetime
import os
import shutil
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

import numpy as np
from brush import customers
from playwright.sync_api import Error, sync_playwright
from screens_cells import LARGEST, STACKS
from screens_report import text
from sections import write_section

from tests.browser.jupyterlab import ASK_KERNEL, Notebook, jupyterlab

SIZES = (10_000, 100_000, 1_000_000)
VIEWS = 6
#: Boxes brushed one after the other, as shares of the first view's width and height: start and end.
BOXES = (((0.3, 0.3), (0.7, 0.75)), ((0.4, 0.4), (0.9, 0.85)), ((0.25, 0.5), (0.6, 0.8)))
PATIENCE = 120_000  # milliseconds until a stack that shows nothing is given up
DRAG_SECONDS = 2.0
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-unsafe-swiftshader",  # jupyter-scatter needs WebGL
]

WATCH = Path(__file__).with_name("screens_watch.js")
RUN_CELL = """async (index) => {
  const {content} = window.jupyterapp.shell.currentWidget;
  content.activeCellIndex = index;
  content.deselectAll();
  if (index) content.widgets[index - 1].inputHidden = true; // so that all six views are on the screen
  watch.frames.length = 0;
  const began = performance.now();
  const ran = window.jupyterapp.commands.execute('notebook:run-cell');
  if (!index) await ran; // the second is watched, since it never ends where the connection is lost
  return began;
}"""
SHUT_DOWN = "() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()"
SETTLED = "([since, views, quiet, patience]) => watch.settled(since, views, quiet, patience)"


@dataclass
class Watched:
    """A browser whose pages note what they draw, and whose websocket bytes are counted, both ways."""

    browser: object
    n_bytes: int = 0

    def new_context(self, **options):
        context = self.browser.new_context(**options)
        context.add_init_script(path=WATCH)
        context.on("page", lambda page: page.on("websocket", self._opened))
        return context

    def _opened(self, socket) -> None:
        socket.on("framereceived", self._count)
        socket.on("framesent", self._count)

    def _count(self, payload: str | bytes) -> None:
        self.n_bytes += len(payload.encode() if isinstance(payload, str) else payload)

    def taken(self) -> int:
        """Return the bytes since it was last asked."""
        n, self.n_bytes = self.n_bytes, 0
        return n


@dataclass
class Measured:
    """All repeats of a stack at a size; milliseconds, bytes, frames a second."""

    stack: str
    n: int
    paint: list[float] = field(default_factory=list)
    brush: list[float] = field(default_factory=list)
    knows: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)
    start_bytes: list[float] = field(default_factory=list)
    brush_bytes: list[float] = field(default_factory=list)
    problem: str = ""
    complaints: set[str] = field(default_factory=set)

    def middle(self, name: str) -> float:
        """Return the median of a measure, NaN where there is none."""
        return median(getattr(self, name) or [float("nan")])


def drag(book: Notebook, box, *, seconds: float) -> None:
    """Drag a box over the first view with the mouse, in ten steps or for so many seconds; returns at pointer up."""
    left, top, width, height = book.page.evaluate("() => watch.place()")
    places = np.array([left, top]) + np.array(box) * [width, height]
    mouse, began, step = book.page.mouse, time.monotonic(), 0
    mouse.move(*places[0])
    mouse.down()
    share = 0.0
    while share < 1:
        step += 1
        share = min(1.0, (time.monotonic() - began) / seconds if seconds else step / 10)
        mouse.move(*(places[0] + share * (places[1] - places[0])))
    mouse.up()


def within(book: Notebook, script: str, given: list, *, milliseconds: float = 1.5 * PATIENCE):
    """Return what a script of the page gives; unlike `evaluate`, a page or kernel that hangs is given up."""
    wrapped = f"async given => [await ({script})(given)]"  # a list, since what is waited for must be true
    return book.page.wait_for_function(wrapped, arg=given, timeout=milliseconds).json_value()[0]


def brushed(book: Notebook, browser: Watched, measured: Measured, box, before: int) -> int:
    """Brush a box and note what it took; returns how many customers the kernel has as selected."""
    browser.taken()
    drag(book, box, seconds=0)
    up, origin = book.page.evaluate("() => [watch.up, performance.timeOrigin]")
    took = within(book, SETTLED, [up, VIEWS, 1500, PATIENCE])
    n_bytes = browser.taken()
    heard = [(at, count) for at, count in within(book, ASK_KERNEL, ["heard"]) if at >= origin + up and count]
    assert heard, "Python was not told of the brush"
    count = heard[-1][1]
    assert set(within(book, ASK_KERNEL, ["selected()"])) == {count}, "the views do not have one selection"
    assert count < measured.n, "the brush selected everybody"
    assert count != before, f"the brush selected {count} after {before}"
    measured.brush.append(took)
    measured.knows.append(heard[0][0] - origin - up)
    measured.brush_bytes.append(n_bytes)
    return count


def once(browser: Watched, address: str, folder: Path, measured: Measured, repeat: int) -> None:
    """Measure a stack in a fresh notebook: the first paint, three brushes, a long drag."""
    cells = STACKS[measured.stack].cells(folder / f"{measured.n}.parquet")
    book = Notebook(browser, address, folder, f"{measured.stack}-{measured.n}-{repeat}", cells)
    try:
        book.page.evaluate(RUN_CELL, 0)
        within(book, ASK_KERNEL, ["len(table)"])
        browser.taken()
        began = book.page.evaluate(RUN_CELL, 1)
        took = within(book, SETTLED, [began, VIEWS, 3000, PATIENCE])
        measured.paint.append(took)
        measured.start_bytes.append(browser.taken())
        count = 0
        for box in BOXES:
            count = brushed(book, browser, measured, box, count)
        within(book, ASK_KERNEL, ["live()"])
        drag(book, BOXES[1], seconds=DRAG_SECONDS)
        measured.rate.append(book.page.evaluate("() => watch.rate()"))
    finally:
        measured.complaints.update(problem.splitlines()[0][:150] for problem in book.problems)
        with suppress(Error):  # a page that has died has no kernel to ask
            within(book, SHUT_DOWN, [], milliseconds=20_000)
        book.context.close()


def measure(browser: Watched, address: str, folder: Path, stack: str, n: int, repeats: int) -> Measured:
    """Measure a stack at a size; a stack that fails is not tried again."""
    measured = Measured(stack, n)
    if n > LARGEST.get(stack, n):
        repeats = 1  # it is known to fail: try and say so
    for repeat in range(repeats):
        try:
            once(browser, address, folder, measured, repeat)
        except (Error, AssertionError) as error:
            measured.problem = str(error).splitlines()[0][:150]
            break
    shown = {name: round(measured.middle(name), 1) for name in ("paint", "brush", "knows", "rate")}
    print(f"{stack}, {n:,}: {shown} {measured.problem} {sorted(measured.complaints)}", flush=True)
    return measured


def see_the_peers() -> None:
    """Let Jupyter find what `uv run --with` lays beside the environment: extensions, and what switches them on."""
    roots = [Path(place).parents[2] for place in sys.path if Path(place).name == "site-packages"]
    for name, below in (("JUPYTER_PATH", "share/jupyter"), ("JUPYTER_CONFIG_PATH", "etc/jupyter")):
        os.environ[name] = os.pathsep.join(str(root / below) for root in roots if (root / below).is_dir())
    labs = (root / "share/jupyter/lab" for root in roots)
    os.environ["JUPYTERLAB_DIR"] = next(str(lab) for lab in labs if lab.is_dir())


def versions() -> str:
    """Name the packages that were compared."""
    said = []
    for name in ("jupyterlab", "bokeh", "jupyter-scatter", "jupyter-bokeh", "anywidget", "playwright"):
        try:
            said.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            said.append(f"{name} not installed")
    return ", ".join(said)


def main() -> None:
    """Measure every stack at every size and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=STACKS, default=list(STACKS))
    parser.add_argument("--no-report", action="store_true", help="print only, leave docs/benchmarks.md")
    asked = parser.parse_args()
    see_the_peers()
    began, before = time.monotonic(), os.getloadavg()
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder = Path(place)
        for n in asked.sizes:
            customers(n).assign(disputed=np.random.default_rng(1).beta(1, 9, n)).to_parquet(
                folder / f"{n}.parquet"
            )
        path = os.environ.get("PAYSEG_CHROMIUM") or shutil.which("chromium")
        launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
        with jupyterlab(folder) as address:
            results = [
                measure(Watched(launched), address, folder, stack, n, asked.repeats)
                for n in asked.sizes
                for stack in asked.only
            ]
        software = f"Chromium {launched.version}, {versions()}"
        launched.close()
    written = text(
        results,
        command=" ".join(["python benchmarks/screens.py", *sys.argv[1:]]),
        software=software,
        load=(before[2], os.getloadavg()[2]),
        repeats=asked.repeats,
        n_brushes=len(BOXES),
        minutes=(time.monotonic() - began) / 60,
        day=datetime.date.today(),
    )
    print(written) if asked.no_report else write_section("screens", written)


if __name__ == "__main__":
    main()
