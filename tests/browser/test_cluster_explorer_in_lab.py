"""`ClusterExplorer` in JupyterLab: what the mouse and the keyboard select on the page is what Python has."""

from __future__ import annotations

from pathlib import Path

SHOWN = (
    """
from payseg_widgets import ClusterExplorer, Selection, compute_features, segment, simulate_ledger
features = compute_features(simulate_ledger(120, seed=3).ledger)
explorer = ClusterExplorer(features, segment(features, n_segments=3, compare=False))
""",
    "explorer",
)
SELECTED = "int(explorer.is_selected.sum())"


def said(book) -> str:
    return book.page.locator(".payseg-brush [role=status]").inner_text()


def count(book) -> int:
    return int(said(book).split(" of ")[0])


def test_box_lasso_and_segment_select_the_same_customers_in_page_and_kernel(notebook):
    book = notebook(*SHOWN)
    book.panes()
    book.drag(0, (0.3, 0.2), (0.95, 0.9))
    book.kernel_says(SELECTED, count(book))
    assert 0 < count(book) < 120
    assert book.kernel("bool((explorer.selection.apply(explorer.table) == explorer.is_selected).all())")
    book.drag(3, (0.35, 0.1), (0.95, 0.5))  # lanes: segments whole
    book.kernel_says(SELECTED, count(book))
    book.page.locator(".payseg-brush button").first.click()
    book.kernel_says(SELECTED, book.kernel("int((explorer.segmentation.labels_ == 0).sum())"))
    book.tell("explorer.selection = Selection.parse('mean_days_late > 20')")
    wanted = book.kernel(SELECTED)
    book.page.locator(".payseg-brush [role=status]").filter(has_text=f"{wanted} of 120").wait_for()


def test_the_keyboard_alone_selects_and_clears(notebook):
    book = notebook(*SHOWN)
    book.panes()
    layer = book.page.locator(".payseg-keyboard").first
    layer.focus()
    for key in ("ArrowLeft", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowUp", "Enter"):
        book.page.keyboard.press(key)
    book.kernel_says(SELECTED, count(book))
    book.page.keyboard.press("Escape")
    book.kernel_says(SELECTED, 0)


def test_other_segments_and_axes_redraw_in_place_in_both_themes(notebook, tmp_path: Path):
    book = notebook(*SHOWN)
    book.panes()
    book.tell("explorer.selection = Selection.parse('mean_days_late > 20')")
    book.tell("explorer.segmenter.n_segments = 2")
    book.kernel_says("explorer.segmentation.n_segments", 2)
    book.page.get_by_text("Old segments (rows) and new ones").wait_for()
    book.tell("explorer.axes = ('tenure_days', 'outstanding')")
    book.panes()
    wanted = book.kernel(SELECTED)
    book.page.locator(".payseg-brush [role=status]").filter(has_text=f"{wanted} of 120").wait_for()
    for dark in (True, False):
        book.theme(dark=dark)
        book.drag(1, (0.3, 0.2), (0.95, 0.9))
        book.kernel_says(SELECTED, count(book))
        book.page.screenshot(path=tmp_path / f"dark-{dark}.png")


def test_a_selection_is_saved_and_compared_by_hand(notebook):
    book = notebook(*SHOWN)
    book.panes()
    name = book.page.get_by_label("Save as")
    for words, condition in {"late": "mean_days_late > 20", "prompt": "mean_days_late <= 20"}.items():
        book.tell(f"explorer.selection = Selection.parse('{condition}')")
        name.fill(words)
        book.page.get_by_role("button", name="Save selection").click()
        book.page.get_by_text(f"Saved as “{words}”").wait_for()
    book.page.get_by_role("button", name="Compare").click()
    book.page.get_by_text("in both: 0").wait_for()
    book.kernel_says("sorted(explorer.saved)", ["late", "prompt"])
