"""`FeatureSelector` and `Segmenter` in JupyterLab, by keyboard, in both themes, held to axe's rules."""

from __future__ import annotations

import pytest

SETUP = """
from payseg_widgets import FeatureSelector, Segmenter, compute_features, simulate_ledger
import traitlets
features = compute_features(simulate_ledger(60, seed=1).ledger)
selector = FeatureSelector(features)
heard = []
selector.observe(lambda change: heard.append(list(change.new)), "features")
"""
HOSTILE = """
import numpy as np, pandas as pd
from payseg_widgets import FeatureSelector
from payseg_widgets.features.measure import Measure
from payseg_widgets.features.table import FeatureTable
evil = "<img src=x onerror='window.hacked=1'><script>window.hacked=1</script>"
columns = {evil: [1.0, 2.0, 4.0], "x" * 1_000_000: [np.inf, np.nan, 1.0], "c": [3.0] * 3, "m": [np.nan] * 3}
measures = tuple(Measure(n, n, "days", "higher", False, lambda i: i, evil, reason=evil) for n in columns)
table = FeatureTable(pd.DataFrame(columns), measures, pd.Timestamp("2024-12-31"), "", evil)
selector = FeatureSelector(table)
"""


def violations(book, panel):
    """What axe finds wrong within a panel."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(book.page, context=panel).response["violations"]
    return [(v["id"], [node["html"][:120] for node in v["nodes"]][:3]) for v in found]


def options(book):
    return book.page.get_by_role("listbox", name="Features").get_by_role("option")


def option(book, name):
    return book.page.get_by_role("listbox", name="Features").get_by_role("option", name=name, exact=True)


WITH_BOTH_WORDS = "sum(all(w in f'{m.label} {m.name} {m.meaning}'.lower() for w in ('days', 'late')) for m in features.measures)"


def test_everything_can_be_done_by_keyboard(notebook):
    book = notebook(SETUP, "selector")
    page, keys = book.page, book.page.keyboard
    page.get_by_role("listbox", name="Features").wait_for()
    page.get_by_role("searchbox", name="Search").focus()
    keys.type("days late")
    listed = book.kernel(WITH_BOTH_WORDS)
    page.get_by_text(f"8 of 46 features chosen; {listed} listed.").wait_for()
    assert options(book).count() == listed
    keys.press("ArrowDown")
    active = """() => {
      const id = document.activeElement.getAttribute('aria-activedescendant');
      return document.getElementById(id)?.querySelector('.payseg-label').textContent;
    }"""
    labels = page.locator(".payseg-label").all_inner_texts()
    assert page.evaluate(active) == labels[0]
    keys.press("End")
    assert page.evaluate(active) == labels[-1]
    keys.press("Home")
    keys.press("ArrowDown")
    assert page.evaluate(active) == labels[1]
    was = option(book, labels[1]).get_attribute("aria-selected")
    keys.press("Space")
    book.kernel_says("len(heard)", 1)
    assert option(book, labels[1]).get_attribute("aria-selected") != was
    assert book.kernel("len(selector.features)") == (7 if was == "true" else 9)
    keys.press("Shift+Tab")  # back to sorting, then to the search field
    keys.press("Shift+Tab")
    keys.press("Escape")
    assert options(book).count() == 46
    keys.press("Shift+Tab")
    keys.press("Shift+Tab")
    assert page.evaluate("document.activeElement.textContent") == "The ten AR features"
    keys.press("Enter")
    book.kernel_says(
        "selector.features == __import__('payseg_widgets.features.presets', fromlist=['x']).TEN_AR_FEATURES",
        True,
    )
    pressed = page.get_by_role("button", pressed=True).all_inner_texts()
    assert pressed == ["The ten AR features"]
    assert book.kernel("len(heard)") == 2


def test_python_s_choice_is_shown_and_nothing_comes_back(notebook):
    book = notebook(SETUP, "selector", "selector")
    page = book.page
    page.get_by_role("listbox", name="Features").nth(1).wait_for()
    book.tell("selector.features = ('mean_days_late', 'weighted_days_late', 'median_days_late')")
    for view in (0, 1):
        page.get_by_text("3 of 46 features chosen;").nth(view).wait_for()
        warning = page.locator(".payseg-warnings").nth(view)
        assert "say the same" in warning.inner_text()
        assert len(book.kernel("selector.warnings")) == warning.locator("li").count()
    assert book.kernel("len(heard)") == 1


def test_the_last_feature_stays_and_the_page_says_why(notebook):
    book = notebook(SETUP + "selector.features = ['outstanding']\n", "selector")
    option(book, "Outstanding").click()
    book.page.get_by_text("At least one feature must stay chosen.").wait_for()
    assert book.kernel("list(selector.features)") == ["outstanding"]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_both_widgets_pass_axe_in_both_themes(notebook, tmp_path, dark):
    book = notebook(
        SETUP
        + "selector.features = ['mean_days_late', 'weighted_days_late', 'on_time_ratio']\nsegmenter = Segmenter(features)",
        "selector",
        "segmenter",
        "done = segmenter.wait(60)",
    )
    book.theme(dark=dark)
    book.page.get_by_label("Sort by").wait_for()
    book.page.get_by_text("segments of 60 customers").wait_for()
    book.page.get_by_role("listbox", name="Features").focus()
    book.page.locator(".payseg-segmenter").screenshot(path=tmp_path / "segmenter.png")
    book.page.locator(".payseg-selector").screenshot(path=tmp_path / "selector.png")
    assert violations(book, ".payseg-selector") == []
    assert violations(book, ".payseg-segmenter") == []


def test_hostile_and_endless_text_is_only_text(notebook):
    book = notebook(HOSTILE, "selector")
    book.page.get_by_role("listbox", name="Features").wait_for()
    assert options(book).count() == 4
    assert book.page.evaluate("window.hacked") is None
    assert book.page.locator(".payseg-selector img").count() == 0
    box = book.page.locator(".payseg-selector").bounding_box()
    assert box["width"] < 1280
    book.page.get_by_text("All 3 customers with a value have the same.").wait_for()
    book.page.get_by_role("searchbox", name="Search").fill("<script>")
    assert options(book).count() == 4


def test_ticking_a_feature_segments_again_through_a_link_and_cancel_stops(notebook):
    book = notebook(
        SETUP
        + "segmenter = Segmenter(features)\nlink = traitlets.link((selector, 'features'), (segmenter, 'features'))",
        "selector",
        "segmenter",
    )
    page = book.page
    page.get_by_text("segments of 60 customers").wait_for()
    option(book, "Outstanding").click()
    book.kernel_says("segmenter.segmentation.features[-1]", "outstanding")
    book.kernel_says("segmenter.state", "idle")
    assert book.kernel("len(selector.features)") == 9
    page.get_by_label("Segments", exact=True).select_option("3")
    page.get_by_text("3 segments of 60 customers").wait_for()
    bar = page.get_by_role("progressbar", name="Segmenting")
    assert bar.get_attribute("aria-valuenow") == "100"
    book.tell("from payseg_widgets.widgets.errands import ONE_AT_A_TIME as busy; busy.acquire()")
    page.get_by_role("button", name="Run again").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Waiting for an earlier run to stop.").wait_for()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Cancelled. The segments of the run before stay.").wait_for()
    book.tell("busy.release()")
    assert book.kernel("segmenter.state") == "cancelled"


def test_errors_are_shown_in_the_segmenter(notebook):
    book = notebook(SETUP + "segmenter = Segmenter(features, min_invoices=10**6)", "segmenter")
    book.page.get_by_role("alert").filter(has_text="known well enough").wait_for()
    assert book.kernel("segmenter.state") == "failed"
