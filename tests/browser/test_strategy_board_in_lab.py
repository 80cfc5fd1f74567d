"""`StrategyBoard` in JupyterLab: tiles, policy, scenario and worklist by mouse and keyboard, in both themes."""

from __future__ import annotations

from pathlib import Path

from tests.browser.test_feature_selector_in_lab import violations

EVIL = "<img src=x onerror='window.hacked=1'>"
MADE = f"""
from dataclasses import replace
from payseg_widgets import Outlook, Strategy, StrategyBoard, Study, compute_features, predict_payments, segment, simulate_ledger
ledger = simulate_ledger(60, seed=1).ledger
owed = predict_payments(ledger, n_draws=200).invoices.groupby("customer_id")["outstanding_minor"].sum()
evil, worst = {EVIL!r}, owed.idxmax()
tables = {{name: getattr(ledger, name).assign(customer_id=lambda t: t["customer_id"].map(lambda c: evil if c == worst else c))
          for name in ("invoices", "payments", "credit_notes", "reminders", "disputes", "customers")}}
ledger = replace(ledger, **tables)
features = compute_features(ledger)
segments = segment(features, n_segments=3, compare=False)
study = Study(ledger, features, segments, {{}}, {{}}, Outlook(predict_payments(ledger, n_draws=200)), Strategy(None))
board = StrategyBoard(study)
plan = board.wait(120)
import time
from payseg_widgets.strategy import scenario_cash
scenario_cash._AT_A_TIME, quick = 1, scenario_cash.ends_of
def slow(*given):
    time.sleep(0.1)
    return quick(*given)
"""


def shots(book, folder: Path, name: str) -> None:
    """Take pictures of the board, from its top to the picture below it."""
    book.page.set_viewport_size({"width": 1280, "height": 1500})
    for place in ("Key figures", "What to do", "The policy", "What if", "Whom to call"):
        book.page.get_by_role("heading", name=place, exact=True).evaluate("e => e.scrollIntoView()")
        book.page.screenshot(path=folder / f"{name}-{place}.png")
    book.page.get_by_role("group", name="Pictures").evaluate("e => e.scrollIntoView()")
    book.panes(1)
    book.page.screenshot(path=folder / f"{name}-picture.png")


def test_policy_scenario_and_worklist_are_used_by_mouse_and_keyboard(notebook, tmp_path: Path):
    book = notebook(MADE, "board")
    page, keys = book.page, book.page.keyboard
    page.get_by_role("heading", name="Key figures").wait_for()
    book.panes(1)
    assert page.get_by_role("note").first.inner_text() == book.kernel("board.key_figures.sentence")
    # a tile: its trend is drawn, its definition unfolds
    page.get_by_role("button", name="DSO, classic", exact=True).press("Enter")
    book.kernel_says("[board.figure, board.picture]", ["dso_classic", "trend"])
    book.page_says("Bokeh.index.roots.some(v => v.model.title?.text === 'DSO, classic, month by month')")
    page.get_by_label("What DSO, classic is").press("Enter")
    page.get_by_text(book.kernel("board.key_figures.table.loc['dso_classic', 'definition']")).wait_for()
    words = page.get_by_role("img", name="lowest").first.get_attribute("aria-label")
    assert words.startswith("From ")
    page.get_by_label("What DSO, classic is").press("Enter")
    # a policy that is wrong is told with its line, the old one stays; a right one makes the plan anew
    text = page.get_by_label("Rules, as YAML")
    written = text.input_value()
    assert written == book.kernel("board.policy.to_yaml()")
    wrong = written.replace("min_loss_ratio: 0.5", "min_loss_ratio: 1.5")
    line = 1 + wrong[: wrong.index("min_loss_ratio: 1.5")].count("\n")
    text.fill(wrong)
    page.get_by_role("button", name="Apply").click()
    page.get_by_text(f"policy, line {line}: 1.5 is no number from 0 to 1").wait_for()
    page.get_by_text(f"{line}:       min_loss_ratio: 1.5").wait_for()
    assert (
        text.evaluate("e => e.value.slice(e.selectionStart, e.selectionEnd)").strip() == "min_loss_ratio: 1.5"
    )
    book.kernel_says("board.plan is plan", True)
    text.fill(written.replace("min_late_probability: 0.5", "min_late_probability: 0.2"))
    page.get_by_role("button", name="Apply").press("Enter")
    page.get_by_text("customers move").wait_for()
    book.kernel_says("board.table.state", "idle")
    assert page.get_by_text("customers move").inner_text() == book.kernel("board.change.sentence")
    moved = page.get_by_role("table", name="Who moves").get_by_role("row")
    assert moved.count() == book.kernel("len(board.change.moves) + len(board.change.invoice_moves)") + 1
    page.get_by_role("button", name="Back to default").click()
    book.kernel_says("board.plan.customers.action.equals(plan.customers.action)", True)
    # what is being typed stays when another policy is put in force elsewhere
    text.fill(f"{written}# mine")
    stricter = "board.policy.changed('customers', 'often_late', min_late_probability=0.3)"
    book.kernel(f"setattr(board, 'policy', {stricter})")
    page.get_by_text("Another policy was put in force meanwhile").wait_for()
    assert text.input_value() == f"{written}# mine"
    page.get_by_role("button", name="Back to default").click()
    book.kernel_says("board.plan.customers.action.equals(plan.customers.action)", True)
    assert text.input_value() == written
    # a scenario by list, slider and keyboard; the fan is drawn
    page.get_by_role("button", name="Cash if it holds").press("Enter")
    book.kernel_says("board.picture", "cash")
    slider = page.get_by_role("slider", name="Days later")
    slider.focus()
    keys.press("ArrowRight")
    book.kernel_says("[board.days, board.scenario.what]", [31, "the 10 largest debtors pay 31 days later"])
    box = slider.bounding_box()
    at = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 31 / 120, at)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, at, steps=6)
    page.mouse.up()
    days = int(slider.input_value())
    assert 80 < days < 100
    book.kernel_says("board.scenario.what", f"the 10 largest debtors pay {days} days later")
    # one that takes its time is told how far it is, and stopped; the one before stays
    book.kernel("setattr(scenario_cash, 'ends_of', slow)")
    verdict = page.get_by_text(f"the 10 largest debtors pay {days} days later, GBP").first
    before = verdict.inner_text()
    bar = page.get_by_role("progressbar", name="Computing")
    slider.focus()
    keys.press("ArrowRight")
    page.get_by_text("Step 1 of 1: the scenario, drawing the cash.").wait_for()
    book.page_says(
        "0 < Number(document.querySelector('.payseg-strategy .payseg-bar').getAttribute('aria-valuenow'))"
    )
    assert int(bar.get_attribute("aria-valuenow")) < 100
    page.get_by_role("button", name="Cancel").press("Enter")
    page.get_by_text("Cancelled. What was there stays. A change, or Compute, goes on.").wait_for()
    book.kernel("setattr(scenario_cash, 'ends_of', quick)")
    book.kernel_says(
        "[board.table.state, board.scenario.what]",
        ["cancelled", f"the 10 largest debtors pay {days} days later"],
    )
    assert verdict.inner_text() == before
    page.get_by_label("Assume").select_option(label="A share of a group defaults")
    page.get_by_label("Groups by").select_option("region")
    group = book.kernel("board.table.groupings['region'].groups[1]")
    page.get_by_label("Group", exact=True).select_option(group)
    book.kernel_says("board.scenario.what", f"20% of the balance of customers of region {group} never comes")
    page.get_by_role("status").get_by_text(f"customers of region {group} never comes").wait_for()
    assert page.get_by_label("Days later").is_hidden()
    page.get_by_text("Week by week").press("Enter")
    assert (
        page.get_by_role("table", name="Cash by week, as forecast and if it holds").get_by_role("row").count()
        == 14
    )
    # whom to call: by mouse, by keyboard, and as a file
    calls = page.get_by_role("table", name="Whom to call from 2024-12-31 on")
    first, second = book.kernel("board.worklist.calls.customer_id.head(2).tolist()")
    calls.get_by_role("button", name=second, exact=True).click()
    book.kernel_says("board.customer", second)
    calls.get_by_role("button", name=second, exact=True).focus()
    keys.press("ArrowUp")
    keys.press("Enter")
    book.kernel_says("board.customer", first)
    book.kernel_says("board.selection.apply(features.frame).sum().item()", 1)
    calls.locator("tr[aria-current=true]", has_text=first).wait_for()
    page.get_by_role("slider", name="Calls a day").focus()
    keys.press("Home")
    book.kernel_says("len(board.worklist.calls)", 5)
    with page.expect_download() as fetched:
        page.get_by_role("button", name="Download CSV").click()
    assert fetched.value.suggested_filename == "worklist-2024-12-31.csv"
    rows = Path(fetched.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 6
    assert page.evaluate("window.hacked") is None
    assert page.get_by_role("button", name=EVIL).count() >= 1
    for dark in (True, False):
        book.theme(dark=dark)
        shots(book, tmp_path, f"strategy-dark-{dark}")
        assert violations(book, ".payseg-strategy") == []
