"""`ModelBench` in JupyterLab: rank by keyboard, pick by mouse, the explorer follows; cancelled, it keeps what was done."""

from __future__ import annotations

from pathlib import Path

SHOWN = (
    """
from payseg_widgets import ClusterExplorer, ModelBench, compute_features, segment, simulate_ledger
ledger = simulate_ledger(80, seed=3).ledger
features = compute_features(ledger)
explorer = ClusterExplorer(features, segment(features, n_segments=2, compare=False))
bench = ModelBench(features, ledger, models=["kmeans", "hierarchical", "hdbscan"], k_range=(2, 4), segmenter=explorer.segmenter)
""",
    "bench",
    "explorer",
)

# the run of all models waits, two of them done, until it is cancelled
HELD = """
from payseg_widgets import compare_models
def held(progress, cancel):
    def tell(what, done, total):
        progress(what, done, total)
        if done == 3:
            cancel._stop.wait(60)
    return compare_models(features, ledger, progress=tell, cancel=cancel)
bench.table._compare = held
"""
ORDER = "[...document.querySelectorAll('.payseg-models tbody button')].map(b => b.textContent).join()"


def test_models_are_ranked_and_picked_and_the_explorer_follows(notebook, tmp_path: Path):
    from axe_playwright_python.sync_playwright import Axe

    book = notebook(*SHOWN)
    table = book.page.get_by_role("table", name="Models, best first")
    table.wait_for()
    book.panes(2)
    assert table.locator("tbody tr").count() == 3
    book.page.get_by_role("note").get_by_text("There are segments").wait_for()
    # what matters, by keyboard: only speed
    book.page.get_by_text("What matters to you").click()
    for name in book.kernel("list(bench.weights)"):
        slider = book.page.locator(f"input[name={name}]")
        slider.focus()
        slider.press("End" if name == "speed" else "Home")
    book.kernel_says("bench.weights == {**dict.fromkeys(bench.weights, 0), 'speed': 2}", True)
    wanted = book.kernel("list(bench.comparison.ranked({'speed': 1}).label)")
    book.page.wait_for_function(f"wanted => {ORDER} === wanted.join()", arg=wanted)
    # the table, by keyboard and by mouse
    table.get_by_role("button", name=wanted[0]).focus()
    book.page.keyboard.press("ArrowDown")
    book.page.keyboard.press("Enter")
    book.kernel_says("bench.comparison.table.label[bench.model]", wanted[1])
    table.get_by_role("cell").nth(3).click()
    book.kernel_says("bench.comparison.table.label[bench.model]", wanted[0])
    book.kernel_says(
        "explorer.segmentation.model == bench.model and explorer.segmentation is bench.segmentation", True
    )
    # a figure of the account leads to its picture
    book.page.get_by_role("region", name="Account of the model").get_by_role("button").first.wait_for()
    book.page.get_by_role("button", name="Show: Later payment").first.click()
    book.kernel_says("bench.picture", "later")
    book.panes(2)
    for dark in (True, False):
        book.theme(dark=dark)
        book.page.get_by_role("note").first.scroll_into_view_if_needed()
        book.page.screenshot(path=tmp_path / f"bench-dark-{dark}.png")
        found = Axe().run(book.page, context=".payseg-models")
        assert found.violations_count == 0, found.generate_report()


def test_a_cancelled_run_keeps_the_models_that_were_done(notebook):
    book = notebook(SHOWN[0].replace(", k_range=(2, 4)", ""), "bench")
    book.page.get_by_role("table", name="Models, best first").wait_for()
    book.tell(HELD)
    book.page.get_by_role("button", name="Compare models").click()
    book.page.get_by_text("Step 4 of").wait_for()
    book.page.get_by_role("button", name="Cancel").click()
    book.page.get_by_text("Cancelled.").wait_for()
    book.kernel_says("bench.table.state", "cancelled")
    assert (
        book.page.locator(".payseg-models tbody tr").count()
        == book.kernel("len(bench.comparison.table)")
        < 10
    )
