"""The report in a real browser, opened from disk: drawn, brushed by mouse and keyboard, silent on the network."""

from __future__ import annotations

from dataclasses import replace

import pytest

from payseg_widgets import run_study, write_report

EVIL = "<img src=x onerror='window.hacked=1'>"

READ = """() => {
  for (const d of Bokeh.documents) for (const m of d._all_models.values())
    if (m.type === 'ColumnDataSource' && 'customer_id' in m.data) return m.selected.indices.length;
}"""


def drawn(page):
    page.locator(".bk-Figure canvas").nth(5).wait_for(state="attached")
    page.locator("#explore [role=status]").wait_for()


@pytest.fixture(scope="module")
def report(study, tmp_path_factory):
    return write_report(study, tmp_path_factory.mktemp("page"))["report"]


@pytest.fixture
def page(browser, report):
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.problems = []
    page.on("console", lambda m: page.problems.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: page.problems.append(str(e)))
    page.on(
        "request",
        lambda r: page.problems.append(r.url) if not r.url.startswith(("file:", "blob:", "data:")) else None,
    )
    page.goto(report.as_uri())
    drawn(page)
    yield page
    assert page.problems == []
    page.close()


def test_a_box_drawn_with_the_mouse_selects_customers_and_the_card_compares_them(page):
    figure = page.locator("#explore .bk-Figure").first
    figure.scroll_into_view_if_needed()
    box = figure.bounding_box()
    page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 0.15 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.5 * box["height"], steps=5)
    page.mouse.move(box["x"] + 0.97 * box["width"], box["y"] + 0.85 * box["height"], steps=5)
    page.mouse.up()
    status = page.locator("#explore [role=status]")
    status.get_by_text("customers selected").wait_for()
    selected = page.evaluate(READ)
    assert 0 < selected < 150
    assert status.inner_text().startswith(f"{selected} of 150 customers selected")


def test_a_segment_is_selected_and_cleared_by_keyboard_alone(page, study):
    choose = page.get_by_label("Segment", exact=True)
    choose.focus()
    page.keyboard.press("ArrowDown")
    status = page.locator("#explore [role=status]")
    status.get_by_text("customers selected").wait_for()
    assert page.evaluate(READ) == study.segmentation.cards[0].n_customers
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Nothing selected").wait_for()
    assert page.evaluate(READ) == 0


def test_every_picture_s_figures_can_be_read_as_a_table(page):
    for twin in page.get_by_text("The figures as a table").all():
        twin.click()
    assert page.locator("figure details[open] table").count() == page.locator("figure.picture").count()


def test_markup_in_a_customer_s_name_does_not_run(browser, simulated, tmp_path):
    ledger = simulated.ledger
    evil = replace(ledger, customers=ledger.customers.assign(name=EVIL))
    file = write_report(run_study(evil, compare=False, n_segments=2), tmp_path, names=True)["report"]
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.goto(file.as_uri())
    drawn(page)
    page.locator(".bk-DataTable").scroll_into_view_if_needed()
    figure = page.locator("#explore .bk-Figure").first
    figure.scroll_into_view_if_needed()
    box = figure.bounding_box()
    for step in range(12):  # pass over points so that a tooltip opens
        page.mouse.move(
            box["x"] + (0.1 + 0.07 * step) * box["width"], box["y"] + 0.7 * box["height"], steps=3
        )
    assert page.evaluate("window.hacked") is None
    page.close()
