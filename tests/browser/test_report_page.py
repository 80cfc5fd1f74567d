"""The report in a real browser, opened from disk: drawn, brushed by mouse and keyboard, silent on the network."""

from __future__ import annotations

from dataclasses import replace

import pytest

from payseg_widgets import run_study, write_report

pytestmark = pytest.mark.usefixtures("quick_forecasts")

EVIL = "<img src=x onerror='window.hacked=1'>"

READ = "globalThis.brush.store.count"


def drawn(page):
    page.locator(".bk-Figure canvas").nth(5).wait_for(state="attached")
    page.wait_for_function("globalThis.brush !== undefined")


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
    status = page.locator("#explore .payseg-brush [role=status]")
    status.get_by_text("customers selected").wait_for()
    selected = page.evaluate(READ)
    assert 0 < selected < 150
    assert status.inner_text().startswith(f"{selected} of 150 customers selected")


def test_a_segment_is_selected_and_cleared_by_keyboard_alone(page, study):
    page.locator(".payseg-brush button").first.focus()
    page.keyboard.press("Enter")
    status = page.locator("#explore .payseg-brush [role=status]")
    status.get_by_text("customers selected").wait_for()
    assert page.evaluate(READ) == study.segmentation.cards[0].n_customers
    page.get_by_role("button", name="Clear", exact=True).focus()
    page.keyboard.press("Enter")
    status.get_by_text("Nothing selected").wait_for()
    assert page.evaluate(READ) == 0


def test_a_typed_condition_selects_in_the_file_what_it_selects_in_python(page, study):
    field = page.get_by_label("Select by condition")
    field.fill("on_time_ratio < 50% and outstanding > 1000")
    page.keyboard.press("Enter")
    frame = study.features.frame
    wanted = int(((frame["on_time_ratio"] < 0.5) & (frame["outstanding"] > 1000)).sum())
    page.wait_for_function(f"{READ} === {wanted}")
    assert 0 < wanted < 150


def test_every_picture_s_figures_can_be_read_as_a_table(page):
    for twin in page.get_by_text("The figures as a table").all():
        twin.click()
    assert page.locator(".picture details[open] table").count() == page.locator(".picture").count()


def test_markup_in_a_customer_s_name_does_not_run(browser, simulated, tmp_path):
    ledger = simulated.ledger
    evil = replace(ledger, customers=ledger.customers.assign(name=EVIL))
    file = write_report(run_study(evil, compare=False, n_segments=2), tmp_path, names=True)["report"]
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.goto(file.as_uri())
    drawn(page)
    page.get_by_role("grid").scroll_into_view_if_needed()
    figure = page.locator("#explore .bk-Figure").first
    figure.scroll_into_view_if_needed()
    box = figure.bounding_box()
    for step in range(12):  # pass over points so that a tooltip opens
        page.mouse.move(
            box["x"] + (0.1 + 0.07 * step) * box["width"], box["y"] + 0.7 * box["height"], steps=3
        )
    assert page.evaluate("window.hacked") is None
    page.close()
