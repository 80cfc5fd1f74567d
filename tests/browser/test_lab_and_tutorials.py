"""`payseg lab` from the command to the brush, and a tutorial in Notebook 7 and in Voila."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.browser.jupyterlab import Notebook, Notebook7, VoilaPage, jupyterlab

TUTORIAL = Path(__file__).resolve().parents[2] / "tutorials" / "02_explore.ipynb"
LAB = (sys.executable, "-m", "payseg_widgets.cli", "lab", "--no-browser")


def status(book, place: int = 0):
    return book.page.locator(".payseg-brush [role=status]").nth(place)


def selected(book, place: int = 0) -> int:
    """What the page says is selected after a brush."""
    status(book, place).get_by_text("selected").wait_for()
    return int(status(book, place).inner_text().split(" of ")[0].replace(",", ""))


def test_payseg_lab_opens_a_workbench_that_is_brushed_with_the_mouse(browser, tmp_path):
    with jupyterlab(tmp_path, LAB) as address:
        book = Notebook(browser, address, tmp_path, "payseg")
        book.run()
        book.panes()
        book.page.get_by_role("listbox", name="Features").wait_for()
        book.page.screenshot(path=tmp_path / "workbench.png")
        before = book.kernel("int(workbench.explorer.is_selected.sum())")
        book.drag(2, (0.3, 0.2), (0.95, 0.9))
        book.page.wait_for_function(
            "() => /^[1-9]/.test(document.querySelector('.payseg-brush [role=status]').textContent)"
        )
        n = selected(book)
        book.kernel_says("int(workbench.explorer.is_selected.sum())", n)
        assert before == 0 < n < 400
        book.close()
    assert book.problems == []


def opened(kind, browser, lab_server, name, cells=()):
    """Open a notebook, run it, and wait until its panes are drawn."""
    book = kind(browser, *lab_server, name, cells)
    if kind is Notebook7:
        book.run()
    book.page.wait_for_load_state("networkidle")
    return book


# Voila runs in the tests of the board each time
@pytest.mark.parametrize("kind", [
    pytest.param(Notebook7, id="notebook7"), pytest.param(VoilaPage, id="voila", marks=pytest.mark.slow),
])  # fmt: skip
def test_a_tutorial_is_brushed_elsewhere_too(kind, browser, lab_server, tmp_path):
    plain = opened(kind, browser, lab_server, f"{kind.__name__}-plain", ("1 + 1",))
    plain.close()
    name = f"{kind.__name__}-explore"
    shutil.copy(TUTORIAL, lab_server[1] / "notebooks" / f"{name}.ipynb")
    book = opened(kind, browser, lab_server, name)
    book.panes(2)
    book.page.screenshot(path=tmp_path / f"{name}.png")
    before = status(book).inner_text()
    book.drag(2, (0.5, 0.4), (0.95, 0.9))
    book.page.wait_for_function(
        "was => document.querySelector('.payseg-brush [role=status]').textContent !== was", arg=before
    )
    assert 0 < selected(book) < 300
    book.close()
    # both applications complain, and Voila asks other machines for fonts, whatever the notebook: that is not ours to mend
    assert {text[:50] for text in book.problems} <= {text[:50] for text in plain.problems}
