"""Pictures of every widget, taken in a real JupyterLab: ``uv run python docs/pictures.py`` writes docs/pictures/*.png anew.

Give names to take only some: ``uv run python docs/pictures.py strategy_board``.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from tests.browser.conftest import QUIET  # noqa: E402
from tests.browser.jupyterlab import Notebook, jupyterlab  # noqa: E402
from tests.browser.test_enrichment_panel_in_lab import SETUP as REGISTER  # noqa: E402

#: Pixels of a picture at most, and colours: enough for text and bars, and small in a repository.
WIDEST, TALLEST, COLOURS = 960, 640, 64
MADE = """
from payseg_widgets import *
ledger = simulate_ledger(150, seed=1, world="easy").ledger
features = compute_features(ledger)
segments = segment(features, compare=False)
"""
#: What is shown, and the text that the picture begins at; empty for the widget's top.
WIDGETS = {
    "feature_selector": (MADE + "shown = FeatureSelector(features)", ""),
    "cluster_explorer": (
        MADE + "shown = ClusterExplorer(features, segments)\nshown.selection = Selection.parse('mean_days_late > 20')", ""
    ),
    "model_bench": (MADE + "shown = ModelBench(features, ledger)\nshown.wait(500)", ""),
    "enrichment_panel": (f"{REGISTER}\npanel.start()\npanel.wait(60)\nshown = panel", ""),
    "effect_viewer": (
        MADE + "shown = EffectViewer(features, ledger=ledger, by='region', adjust_for=('size',))\nshown.wait(200)",
        "Groups",
    ),
    "forecast_panel": (MADE + "shown = ForecastPanel(ledger)\nshown.wait(500)", "Ageing"),
    "strategy_board": (
        MADE + "shown = StrategyBoard(run_study(ledger, compare=False))\nshown.wait(200)", ""
    ),
}  # fmt: skip


def take(browser, address: str, folder: Path, name: str) -> None:
    """Show a widget and write its picture."""
    source, begins = WIDGETS[name]
    book = Notebook(browser, address, folder, name, (source, "shown"))
    book.page.set_viewport_size({"width": WIDEST + 120, "height": 1200})
    book.page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
    book.run()
    output = book.page.locator(".jp-Cell").nth(1).locator(".jp-OutputArea-output").first
    output.wait_for(timeout=500_000)
    book.page.wait_for_load_state("networkidle")
    if name not in ("feature_selector", "enrichment_panel"):
        book.panes()
    first = output if not begins else book.page.get_by_role("button", name=begins, exact=True)
    first.evaluate("e => e.scrollIntoView()")
    book.page.wait_for_timeout(500)
    whole, top = output.bounding_box(), first.bounding_box()
    height = min(TALLEST, whole["y"] + whole["height"] - top["y"])
    clip = {"x": whole["x"], "y": top["y"], "width": min(WIDEST, whole["width"]), "height": height}
    picture = Image.open(BytesIO(book.page.screenshot(clip=clip))).convert("RGB")
    target = HERE / "pictures" / f"{name}.png"
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)
    print(
        f"{target.name}: {target.stat().st_size / 1000:.0f} kB, {picture.width} x {picture.height}",
        flush=True,
    )
    book.close()
    if book.problems:
        raise SystemExit(f"{name}: {book.problems}")


def main(names: list[str]) -> None:
    """Take the pictures of these widgets, of all where none is named."""
    (HERE / "pictures").mkdir(exist_ok=True)
    path = os.environ.get("PAYSEG_CHROMIUM") or shutil.which("chromium")
    with (
        tempfile.TemporaryDirectory() as folder,
        jupyterlab(Path(folder)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        for name in names or WIDGETS:
            take(browser, address, Path(folder), name)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
