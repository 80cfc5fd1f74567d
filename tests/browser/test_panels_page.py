"""The panels of an exported page in a real browser without a network: card, table, condition, export."""

from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd
import pytest

from payseg_widgets.views.brush import BrushAxis, brush_view
from payseg_widgets.views.brush_export import brush_page_html
from payseg_widgets.views.brush_values import ValueColumn
from payseg_widgets.views.contrast import describe_selection
from payseg_widgets.views.selection import Selection

LATE, SHARE = BrushAxis("late", "Mean days late", "days"), BrushAxis("share", "On-time share", "ratio")
MEASURES = [
    ValueColumn("late", "Mean days late", "days", "higher"),
    ValueColumn("share", "On-time share", "ratio", "lower"),
    ValueColumn("overdue", "Overdue", "money", "higher"),
]
EVIL = "</script><script>window.hacked=1</script><img src=x onerror='window.hacked=1'>"
CHOSEN = "() => [...brush.store.selected.keys()].filter(k => brush.store.selected[k])"
N = 2_000


def customers(n=N):
    rng = np.random.default_rng(4)
    late = rng.normal(10, 15, n)
    late[::40] = np.nan
    table = {"late": late, "share": rng.beta(2, 2, n), "overdue": np.round(np.exp(rng.normal(5, 2, n)), 2)}
    return pd.DataFrame(
        {**table, "segment": rng.choice(["A Prompt", "B Late", "noise"], n, p=[0.5, 0.4, 0.1])}
    )


def brush_of(table, ids, **more):
    segments = ["A Prompt", "B Late"]
    pictures = [(LATE, SHARE), (SHARE, LATE)]
    values = table.drop(columns="segment")
    return brush_view(
        table, pictures=pictures, segments=segments, ids=ids, values=values, measures=MEASURES, **more
    )


@pytest.fixture
def opened(browser, tmp_path):
    """A function that opens the page of a brush; nothing may be amiss on it at the end."""
    contexts, problems = [], []

    def show(brush, *, width=1280, scheme="light"):
        file = tmp_path / "brush.html"
        file.write_text(brush_page_html(brush), encoding="utf-8")
        view = {"width": width, "height": 900}
        contexts.append(
            browser.new_context(viewport=view, offline=True, color_scheme=scheme, accept_downloads=True)
        )
        page = contexts[-1].new_page()
        page.on("console", lambda m: problems.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: problems.append(str(error)))
        local = ("file:", "blob:", "data:")
        page.on("request", lambda r: problems.append(r.url) if not r.url.startswith(local) else None)
        page.goto(file.as_uri())
        page.wait_for_function("() => globalThis.brush?.parts.every(p => p.picture.extent)")
        return page

    yield show
    assert problems == []
    for context in contexts:
        context.close()


@pytest.fixture
def page(opened):
    return opened(brush_of(customers(), [f"K{k:05d}" for k in range(N)]))


def typed(page, text):
    page.get_by_label("Select by condition").fill(text)
    page.keyboard.press("Enter")


def rows(page):
    """Return the texts of the rows that exist, by their place in the grid."""
    found = page.evaluate(
        """() => [...document.querySelectorAll('.payseg-body [role=row]')].map(r =>
          [Number(r.getAttribute('aria-rowindex')), [...r.children].map(c => c.textContent)])"""
    )
    return dict(sorted(found))


def axe(page):
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, context=".payseg-panels").response["violations"]
    return [(v["id"], [node["html"][:160] for node in v["nodes"]][:3]) for v in found]


def test_a_typed_condition_selects_and_the_card_says_what_python_says(page):
    table = customers()
    typed(page, "late > 20 and share < 40%")
    expected = Selection.parse("late > 20 and share < 0.4").apply(table).to_numpy()
    assert page.evaluate(CHOSEN) == np.flatnonzero(expected).tolist()
    described = describe_selection(table, expected, MEASURES)
    body = page.locator(".payseg-contrast tbody tr")
    body.first.wait_for()
    texts = [body.nth(k).inner_text() for k in range(body.count())]
    assert [text.split("\n")[0].split("\t")[0] for text in texts] == described["label"].tolist()
    for text, (_, row) in zip(texts, described.iterrows(), strict=True):
        assert f"{abs(row['effect']):.2f}" in text
        assert row["size"] in text
    assert f"{described.loc['late', 'median_selected']:.1f} days" in texts[0] + texts[1]
    page.get_by_text("Circular: they were selected by “Mean days late” and “On-time share”").wait_for()
    there = table["segment"] == "B Late"
    page.get_by_text(f"B Late: {(expected & there).sum()} of {there.sum()}").wait_for()
    total, mine = table["overdue"].sum(), table.loc[expected, "overdue"].sum()
    money = page.get_by_role("row", name="Overdue").filter(has_text=f"{mine:,.0f}")
    assert f"{100 * mine / total:.1f} %" in money.first.inner_text()


def test_few_customers_are_warned_of(page):
    typed(page, "customer_id in ('K00001', 'K00002')")
    page.get_by_text("Caution: only 2 selected, too few to tell.").wait_for()
    typed(page, "everything")
    page.get_by_text("All 2,000 customers are selected: there is nothing to compare.").wait_for()


def test_a_mistake_is_pointed_at_and_announced(page):
    typed(page, "late > 20 nad share < 1")
    wrong = page.get_by_role("alert").filter(has_text="cannot read")
    assert "Did you mean 'and'?" in wrong.inner_text()
    assert wrong.inner_text().splitlines()[-1] == " " * 12 + "^"
    field = page.get_by_label("Select by condition")
    assert field.get_attribute("aria-invalid") == "true"
    assert field.evaluate("f => f.selectionStart") == 10
    typed(page, "lates > 20")
    page.get_by_text("no column is called 'lates'. Did you mean 'late'?").wait_for()
    typed(page, "late > 20")
    assert field.get_attribute("aria-invalid") is None


def test_columns_are_suggested_for_the_word_before_the_caret(page):
    page.get_by_label("Select by condition").fill("late > 20 and sh")
    offered = page.eval_on_selector_all("datalist option", "all => all.map(o => o.value)")
    assert offered == ["late > 20 and share"]


def test_a_brush_is_shown_as_the_condition_that_repeats_it(page):
    page.get_by_role("application", name="On-time share over mean days late").focus()
    for key in ("ArrowLeft", "Shift+ArrowRight", "Enter"):
        page.keyboard.press(key)
    text = page.get_by_label("Select by condition").input_value()
    chosen = page.evaluate(CHOSEN)
    assert 0 < len(chosen) < N
    assert np.flatnonzero(Selection.parse(text).apply(customers())).tolist() == chosen
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy condition").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Copied").wait_for()
    assert page.evaluate("() => navigator.clipboard.readText()") == text


def test_only_the_rows_in_view_exist_and_all_can_be_reached(opened):
    n = 100_000
    table = customers(n)
    brush = brush_view(
        table, pictures=[(LATE, SHARE)], segments=["A Prompt"], ids=[f"K{k:06d}" for k in range(n)]
    )
    page = opened(brush)
    grid = page.get_by_role("grid", name="Customers")
    assert grid.get_attribute("aria-rowcount") == str(n + 1)
    assert len(rows(page)) < 20
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 200)
    for _ in range(20):
        page.mouse.wheel(0, 2_000)
        page.evaluate("() => new Promise(requestAnimationFrame)")
    page.wait_for_function("() => document.querySelector('.payseg-body [role=row]').dataset.at > 1000")
    seen = rows(page)
    assert len(seen) < 20
    assert all(cells[1] == f"K{place - 2:06d}" for place, cells in seen.items())
    grid.focus()
    page.keyboard.press("Control+End")
    page.wait_for_function(f"() => document.querySelector('[aria-rowindex=\"{n + 1}\"]')")
    assert rows(page)[n + 1][1] == f"K{n - 1:06d}"
    page.get_by_text("up to 50,000 come with exact values. Figures are to 1/65,535 of each axis.").wait_for()


def test_columns_sort_by_click_and_by_keyboard_with_missing_values_last(page):
    table = customers()
    head = page.get_by_role("columnheader", name="Mean days late")
    known = table["late"].dropna()
    for way, expected in (("ascending", known.min()), ("descending", known.max())):
        head.click()
        assert head.get_attribute("aria-sort") == way
        assert rows(page)[2][3] == f"{expected:.1f}"
        page.keyboard.press("Control+End")
        page.wait_for_function(f"() => document.querySelector('[aria-rowindex=\"{N + 1}\"]')")
        assert rows(page)[N + 1][3] == "–"
    page.keyboard.press("Control+Home")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert page.get_by_role("columnheader", name="Customer").get_attribute("aria-sort") == "ascending"
    assert head.get_attribute("aria-sort") == "none"
    assert rows(page)[2][1] == "K00000"


def test_rows_select_by_click_shift_and_control(page):
    at = lambda name: page.get_by_role("rowheader", name=name, exact=True)  # noqa: E731
    at("K00003").click()
    assert page.evaluate(CHOSEN) == [3]
    at("K00006").click(modifiers=["Shift"])
    assert page.evaluate(CHOSEN) == [3, 4, 5, 6]
    at("K00001").click(modifiers=["Control"])
    at("K00004").click(modifiers=["Control"])
    assert page.evaluate(CHOSEN) == [1, 3, 5, 6]
    row = page.get_by_role("row", name="K00005")
    assert row.get_attribute("aria-selected") == "true"
    assert rows(page)[7][0] == "✓"
    text = page.get_by_label("Select by condition").input_value()
    ids = pd.DataFrame(index=pd.Index([f"K{k:05d}" for k in range(N)], name="customer_id"))
    assert np.flatnonzero(Selection.parse(text).apply(ids)).tolist() == [1, 3, 5, 6]


def test_rows_select_by_keyboard(page):
    page.get_by_role("grid", name="Customers").focus()
    for key in ("ArrowDown", "ArrowDown", "Space", "ArrowDown", "ArrowDown", "Space"):
        page.keyboard.press(key)
    assert page.evaluate(CHOSEN) == [1, 3]
    page.keyboard.press("Shift+ArrowDown")
    assert page.evaluate(CHOSEN) == [3, 4]
    page.keyboard.press("Space")
    assert page.evaluate(CHOSEN) == [3]
    page.keyboard.press("PageDown")
    active = "() => document.getElementById(document.activeElement.getAttribute('aria-activedescendant')).textContent"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(active) > "K00010"
    page.keyboard.press("Escape")
    assert page.evaluate(CHOSEN) == []
    page.keyboard.press("Control+a")
    assert page.evaluate("() => brush.store.count") == N
    page.keyboard.press("End")
    assert (
        page.evaluate("() => document.querySelector('.payseg-active').getAttribute('aria-colindex')") == "6"
    )


def test_the_table_filters_by_id_and_shows_the_selected_only(page):
    page.get_by_label("Find customer").fill("k0012")
    page.get_by_text("10 of 2,000 customers shown").wait_for()
    assert [cells[1] for cells in rows(page).values()] == [f"K0012{k}" for k in range(10)]
    page.get_by_label("Find customer").fill("")
    page.get_by_role("switch", name="Selected only").press("Space")
    page.get_by_text("No customer to show.").wait_for()
    typed(page, "customer_id in ('K00007', 'K01999')")
    page.get_by_text("2 of 2,000 customers shown").wait_for()
    assert [cells[1] for cells in rows(page).values()] == ["K00007", "K01999"]
    assert axe(page) == []


def test_the_selected_are_downloaded_as_csv_by_keyboard(opened):
    table = customers(4)
    table["late"] = [-1.5, np.nan, np.inf, 0.1]
    page = opened(brush_of(table, ["=1+1", 'say "no", twice', "@x\n", "K4"]))
    assert page.get_by_role("button", name="Download CSV").is_disabled()
    typed(page, "customer_id != 'K4'")
    page.get_by_role("button", name="Download CSV").focus()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    text = download.value.path().read_bytes().decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read[0] == ["customer_id", "segment", "late", "share", "overdue"]
    assert [row[:3] for row in read[1:]] == [
        ["'=1+1", table["segment"][0], "-1.5"],
        ['say "no", twice', table["segment"][1], ""],
        ["'@x\n", table["segment"][2], "inf"],
    ]
    assert [float(row[4]) for row in read[1:]] == table["overdue"][:3].tolist()


def test_hostile_and_endless_ids_are_only_text(opened):
    table = customers(3).assign(segment=[EVIL, "A Prompt", "B Late"])
    page = opened(brush_view(table, pictures=[(LATE, SHARE)], segments=[EVIL], ids=[EVIL, "=cmd", "x" * 1_000_000],
                  values=table[["late"]], measures=[ValueColumn("late", EVIL)]))  # fmt: skip
    page.get_by_role("grid", name="Customers").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.get_by_text("Caution: only 1 selected").wait_for()
    assert page.evaluate("window.hacked") is None
    assert page.locator(".payseg-panels img").count() == 0
    assert max(len(cells[1]) for cells in rows(page).values()) < 200
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 1280
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")  # its id is too long for a condition
    assert page.evaluate(CHOSEN) == [0, 2]
    assert page.get_by_label("Select by condition").input_value() == ""


@pytest.mark.parametrize("n", [0, 1])
def test_nobody_and_one_customer_are_shown(opened, n):
    page = opened(brush_of(customers(5)[:n].assign(overdue=np.full(n, np.inf)), ["K1"][:n]))
    assert page.get_by_role("grid", name="Customers").get_attribute("aria-rowcount") == str(n + 1)
    typed(page, "late is missing or share > -1")
    assert page.evaluate("() => brush.store.count") == n
    page.get_by_role("grid", name="Customers").focus()
    for key in ("ArrowDown", "Space", "Enter", "End", "Control+a", "PageDown", "Shift+ArrowUp"):
        page.keyboard.press(key)
    assert axe(page) == []


def test_missing_and_infinite_columns_are_shown_and_compared(opened):
    table = customers(50).assign(share=np.nan, overdue=[np.inf, -np.inf] * 25)
    page = opened(brush_of(table, [str(k) for k in range(50)]))
    typed(page, "overdue > 0")
    assert page.evaluate(CHOSEN) == list(range(0, 50, 2))
    row = page.locator(".payseg-contrast tbody tr").filter(has_text="Overdue")
    row.wait_for()
    assert "+1.00" in row.inner_text()
    assert page.locator(".payseg-contrast tbody tr").last.inner_text().split("\t")[0] == "On-time share"
    typed(page, "share is missing")
    assert page.evaluate("() => brush.store.count") == 50


@pytest.mark.parametrize("width", [1280, 700])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_in_either_theme_or_width(opened, tmp_path, width, scheme):
    page = opened(brush_of(customers(), [f"K{k:05d}" for k in range(N)]), width=width, scheme=scheme)
    typed(page, "late > 20")
    page.locator(".payseg-contrast").wait_for()
    page.get_by_role("grid", name="Customers").focus()
    page.keyboard.press("ArrowDown")
    page.screenshot(path=tmp_path / "panels.png", full_page=True)
    assert axe(page) == []
    typed(page, "late >")
    assert axe(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
