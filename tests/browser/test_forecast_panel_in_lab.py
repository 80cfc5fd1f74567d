"""`ForecastPanel` in JupyterLab: model, costs, threshold and invoice chosen by mouse and keyboard, in both themes."""

from __future__ import annotations

from pathlib import Path

from tests.browser.test_feature_selector_in_lab import violations

EVIL = "<img src=x onerror='window.hacked=1'>"
MADE = f"""
from dataclasses import replace
from payseg_widgets import Cancelled, ForecastPanel, compare_forecasters, predict_payments, simulate_ledger
from payseg_widgets.views.forecast import ranked_invoices
from payseg_widgets.widgets import forecast_panel
ledger = simulate_ledger(60, seed=1).ledger
comparison = compare_forecasters(ledger, ["logistic"])
forecast = predict_payments(ledger, n_draws=200)
forecast = replace(forecast, invoices=forecast.invoices.rename(index={{ranked_invoices(forecast).index[2]: {EVIL!r}}}))
first, second = ranked_invoices(forecast).index[:2]
panel = ForecastPanel(ledger, comparison=comparison, forecast=forecast, model="logistic")
"""
SLOW = """
import time
def slow(_ledger, *, progress, cancel):
    progress("Logistic regression", 1, 5)
    while not cancel.is_set():
        time.sleep(0.05)
    raise Cancelled("stopped")
forecast_panel.compare_forecasters = slow
other = ForecastPanel(ledger, forecast=forecast, start=False)
"""
# what the page says of a threshold, as Python counts it
COST = "int(4 * (p.is_late & (p.logistic < {0})).sum() + (~p.is_late & (p.logistic >= {0})).sum())"


def shots(book, folder: Path, name: str) -> None:
    """Take pictures of the panel, from its top and of the picture below it."""
    book.page.set_viewport_size({"width": 1280, "height": 1800})
    for place in ("Forecast", "Ageing"):
        book.page.get_by_role("button", name=place, exact=True).scroll_into_view_if_needed()
        book.panes(1)
        book.page.screenshot(path=folder / f"{name}-{place}.png")


def test_models_costs_threshold_and_invoices_are_chosen_and_followed(notebook, tmp_path: Path):
    book = notebook(MADE, "panel")
    page, keys = book.page, book.page.keyboard
    table = page.get_by_role("table", name="Models, best first")
    table.wait_for()
    book.panes(1)
    assert page.get_by_role("note").first.inner_text() == book.kernel("comparison.sentence")
    # a model by its row, by keyboard, and by the list
    table.get_by_role("button", name="Base rate").focus()
    keys.press("Enter")
    book.kernel_says("panel.model", "base_rate")
    page.get_by_label("Model", exact=True).select_option("logistic")
    book.kernel_says("panel.model", "logistic")
    table.locator("tr[aria-current=true]", has_text="Logistic").wait_for()
    # the threshold by keyboard; what it does is counted in the page
    book.tell("p = comparison.probabilities")
    slider = page.get_by_role("slider", name="Flag from this chance on")
    assert slider.input_value() == "20"
    slider.focus()
    keys.press("ArrowRight")
    book.kernel_says("panel.threshold", 0.21)
    part = page.get_by_role("group", name="Threshold and costs")
    part.get_by_text(f"Cost {book.kernel(COST.format(0.21)):,};").wait_for()
    # and by mouse: live while it moves, told to Python when it is let go
    box = slider.bounding_box()
    at = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.21 * box["width"], at)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], at, steps=8)
    k = int(slider.input_value())
    assert 50 < k < 70
    part.get_by_text(f"Cost {book.kernel(COST.format(k / 100)):,};").wait_for()
    assert book.kernel("panel.threshold") == 0.21
    page.mouse.up()
    book.kernel_says("panel.threshold", k / 100)
    late = book.kernel(f"int((p.is_late & (p.logistic >= {k / 100})).sum())")
    assert part.get_by_role("cell", name=f"{late:,} found").is_visible()
    # costs, and back to what they make cheapest
    page.get_by_role("button", name="Go by the costs").click()
    book.kernel_says("panel.threshold", 0.2)
    page.get_by_label("A late invoice missed costs").fill("9")
    keys.press("Enter")
    book.kernel_says("[panel.cost_of_missing, panel.threshold]", [9.0, 0.1])
    page.get_by_label("a timely one flagged").fill("0")
    keys.press("Enter")
    page.get_by_role("alert").get_by_text("give a positive number").wait_for()
    book.kernel_says("panel.cost_of_flagging", 1.0)
    # an invoice by mouse, the next by keyboard; once more lets go
    [first, second] = book.kernel("[first, second]")
    owed = page.get_by_role("table", name="Open invoices on ")
    owed.get_by_role("row", name=first).get_by_role("cell").first.click()
    book.kernel_says("panel.invoice", first)
    page.get_by_role("region", name="The invoice picked").get_by_text(
        f"Invoice {first} of customer"
    ).wait_for()
    owed.get_by_role("button", name=first).focus()
    keys.press("ArrowDown")
    keys.press("Enter")
    book.kernel_says("panel.invoice", second)
    book.kernel_says("panel.selection.apply(forecast.customers).sum().item()", 1)
    keys.press("Enter")
    book.kernel_says("panel.invoice", "")
    owed.get_by_role("button", name=EVIL).click()
    book.kernel_says("panel.invoice", EVIL)
    for name in ("Why this chance", "When it is paid", "Open invoices", "Models", "Cost by threshold"):
        button = page.get_by_role("button", name=name, exact=True)
        button.press("Enter")
        book.kernel_says("dict(panel.table._told['pictures'])[panel.picture]", name)
        book.panes(1)
    book.page_says(
        "Bokeh.index.roots.some(v => v.model.title?.text.startsWith('Cost by threshold: 9 a late'))"
    )
    page.get_by_text("The figures of this picture").press("Enter")
    page.get_by_role("columnheader", name="late_missed", exact=True).wait_for()
    page.get_by_role("button", name="Cash by week", exact=True).press("Enter")  # unfolded they stay
    page.get_by_role("columnheader", name="week beginning", exact=True).wait_for()
    assert page.evaluate("window.hacked") is None
    for dark in (True, False):
        book.theme(dark=dark)
        shots(book, tmp_path, f"forecast-dark-{dark}")
        assert violations(book, ".payseg-forecast") == []


def test_a_run_is_begun_and_cancelled_from_the_page_and_what_is_done_is_kept(notebook):
    book = notebook(MADE, SLOW, "other")
    page = book.page
    page.get_by_role("table", name="Open invoices on ").wait_for()
    book.tell("forecast_panel.predict_payments = lambda _ledger, **_run: forecast")
    page.get_by_role("button", name="Forecast", exact=True).click()
    page.get_by_role("status").get_by_text("Logistic regression").wait_for()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("status").get_by_text("Cancelled. ").wait_for()
    book.kernel_says("other.forecast is forecast and other.comparison is None", True)
