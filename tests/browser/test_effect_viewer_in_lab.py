"""`EffectViewer` in JupyterLab: chosen by keyboard, picked by mouse in table and map, beside an explorer that follows."""

from __future__ import annotations

from pathlib import Path

from tests.browser.test_feature_selector_in_lab import violations

EVIL = "<img src=x onerror='window.hacked=1'>"
SHOWN = (
    f"""
from payseg_widgets import ClusterExplorer, EffectViewer, compute_features, segment, simulate_ledger
from payseg_widgets.ledger.simulate_world import REGION_DAYS
days = dict.fromkeys(REGION_DAYS, 0.0) | {{"London": 40.0}}
ledger = simulate_ledger(150, seed=1, world="structureless", region_effect=days).ledger
customers = ledger.customers.set_index("customer_id")[["region", "sector"]]
customers["branch"] = [("North", {EVIL!r})[i % 2] for i in range(len(customers))]
features = compute_features(ledger)
explorer = ClusterExplorer(features, segment(features, n_segments=2, compare=False))
viewer = EffectViewer(features, customers, ledger=ledger, explorer=explorer)
viewer.wait(60)
""",
    "viewer",
    "explorer",
)
PICKED = "sorted(explorer.selected.index) == sorted(customers.index[customers.region == {!r}])"
# where the page shows a place of the map
PLACE = """([x, y]) => {
  const view = [...Bokeh.index.roots].find((one) => one.model.title?.text.startsWith("Days late by region, "));
  const box = view.canvas_view.el.getBoundingClientRect();
  return [box.left + view.frame.x_scale.compute(x), box.top + view.frame.y_scale.compute(y)];
}"""


def click_map(book, x: float, y: float) -> None:
    """Click at a place of the map."""
    book.page.get_by_role("button", name="Map").scroll_into_view_if_needed()
    book.page.mouse.click(*book.bokeh(f"({PLACE})([{x}, {y}])"))


def test_groups_are_chosen_and_picked_and_the_explorer_follows(notebook, tmp_path: Path):
    book = notebook(*SHOWN)
    page, table = book.page, book.page.get_by_role("table", name="Groups, highest first: days")
    table.wait_for()
    book.panes(2)
    said = page.get_by_role("region", name="What can be said")
    assert said.locator("li").first.inner_text() == book.kernel("viewer.effects.sentences[0]")
    assert "Customers with region London pay " in said.inner_text()
    # a row by mouse, the next by keyboard; once more lets go
    table.get_by_role("cell").first.click()
    book.kernel_says("viewer.group", "London")
    book.kernel_says(PICKED.format("London"), True)
    page.get_by_role("region", name="The group picked").get_by_text("customers, ").wait_for()
    table.get_by_role("button", name="London").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    second = book.kernel("viewer.effects.groups.sort_values('estimate', ascending=False)['group'].iloc[1]")
    book.kernel_says("viewer.group", second)
    page.keyboard.press("Enter")
    book.kernel_says("viewer.group", "")
    book.kernel_says("int(explorer.is_selected.sum())", 0)
    # a tile of the map by mouse: the South West, then beside all tiles
    page.get_by_role("button", name="Map").click()
    book.kernel_says("viewer.picture", "tiles")
    book.panes(2)
    book.page_says(
        "[...Bokeh.index.roots].some(v => v.model.title?.text.startsWith('Days late by region, '))"
    )
    click_map(book, 1, -4)
    book.kernel_says("viewer.group", "South West")
    book.kernel_says(PICKED.format("South West"), True)
    table.locator("tr[aria-current=true]", has_text="South West").wait_for()
    page.get_by_role("button", name="Customers of the group").wait_for()
    click_map(book, 3, -0.2)
    book.kernel_says("viewer.group", "")
    # what is compared, by keyboard
    box = page.get_by_role("checkbox", name="sector")
    box.focus()
    page.keyboard.press("Space")
    book.kernel_says("list(viewer.adjust_for)", ["size", "terms"])
    book.kernel_says("list(viewer.effects.adjusted_for)", ["size"])
    page.get_by_label("Outcome").select_option("spread")
    book.kernel_says("viewer.effects.outcome", "spread")
    page.get_by_label("Customers by").select_option("branch")
    book.kernel_says("viewer.effects.by", "branch")
    table = page.get_by_role("table", name="Groups, highest first: days, standard deviation")
    table.get_by_role("button", name=EVIL).click()
    book.kernel_says("viewer.group", EVIL)
    page.get_by_role("button", name="Customers of the group").click()
    book.kernel_says("viewer.picture", "distribution")
    book.panes(2)
    page.get_by_text("The figures of this picture").press("Enter")
    page.get_by_role("columnheader", name="median", exact=True).wait_for()
    assert page.evaluate("window.hacked") is None
    for dark in (True, False):
        book.theme(dark=dark)
        page.get_by_label("Customers by").scroll_into_view_if_needed()
        page.screenshot(path=tmp_path / f"effects-dark-{dark}.png")
        assert violations(book, ".payseg-effects") == []


def test_customers_brushed_in_the_explorer_are_those_compared_and_the_page_warns(notebook):
    book = notebook(*SHOWN)
    page = book.page
    page.get_by_role("table", name="Groups, highest first: days").wait_for()
    book.panes(2)
    field = page.get_by_label("Select by condition")
    field.fill("mean_days_late < 15")
    field.press("Enter")
    page.get_by_role("note").get_by_text("customers are compared, chosen by mean_days_late").wait_for()
    book.kernel_says("len(viewer.effects.customers) == int(explorer.is_selected.sum()) < 150", True)
    only = page.get_by_role("checkbox", name="Only customers brushed in the explorer")
    only.focus()
    page.keyboard.press("Space")
    book.kernel_says("viewer.only is None and len(viewer.effects.customers)", 150)
    page.get_by_role("note").get_by_text("customers are compared").wait_for(state="hidden")


def test_whether_groups_form_clusters_is_asked_from_the_page(notebook):
    book = notebook(*SHOWN)
    page = book.page
    page.get_by_role("table", name="Groups, highest first: days").wait_for()
    page.get_by_role("button", name="Do they form clusters?").click()
    page.get_by_text("Asked of a later period").wait_for(timeout=120_000)
    assert (
        book.kernel("viewer.clusters.sentence")
        in page.get_by_role("region", name="What can be said").inner_text()
    )
    book.kernel_says("viewer.picture", "clusters")
    book.panes(2)
