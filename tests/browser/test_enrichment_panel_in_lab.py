"""`EnrichmentPanel` in JupyterLab: everything by mouse, everything by keyboard, in both themes, and after a reload."""

from __future__ import annotations

from pathlib import Path

from tests.browser.test_feature_selector_in_lab import violations

SCRIPTED = (Path(__file__).parents[1] / "enrichment" / "scripted.py").read_text(encoding="utf-8")
SETUP = f"{SCRIPTED}\nfrom payseg_widgets import EnrichmentPanel\npanel = EnrichmentPanel(CUSTOMERS, ScriptedSource(), who='Kim')"
# a source that holds each customer until `gate.release()`
HELD = f"{SETUP}\ngate = threading.Semaphore(0)\npanel.source = ScriptedSource(gate=gate)"
EVIL = "<img src=x onerror='window.hacked=1'>"
HOSTILE = f"""
{SCRIPTED}
from payseg_widgets import EnrichmentPanel
evil = {EVIL!r}
people = CUSTOMERS.assign(name=[name + evil for name in CUSTOMERS["name"]], address=evil)
register = companies(*(("0000000%d" % i, name.upper() + evil, evil, evil) for i, name in enumerate(CUSTOMERS["name"], 1)))
panel = EnrichmentPanel(people, ScriptedSource(register), who=evil)
panel.start(); panel.wait(60)
"""
KEYED = f"""
{SCRIPTED}
from payseg_widgets import EnrichmentPanel
class Register:
    label = "Companies House"
    keys = []
    def key_found(self):
        return ""
    def open(self, key):
        self.keys.append(key)
        return ScriptedSource()
panel = EnrichmentPanel(CUSTOMERS, register=Register())
"""
JOINED = f"""
{SCRIPTED}
from payseg_widgets import Workbench, compute_features, segment, simulate_ledger
ledger = simulate_ledger(60, seed=1).ledger
features = compute_features(ledger)
register = companies(*(
    (f"{{i:08d}}", str(name).upper(), ("LS1 4AP", "EC1A 1BB")[i % 2], "62020")
    for i, name in enumerate(ledger.customers["name"], 1)
))
explored = segment(features, n_segments=2, compare=False)
workbench = Workbench(ledger, explored, register=ScriptedSource(register))
"""
KEY = "0b7c-secret-key"
# what reaches beyond the panel, unless it scrolls in a region of its own
BEYOND = """() => {
  const right = document.querySelector('.payseg-enrichment').getBoundingClientRect().right;
  return [...document.querySelectorAll('.payseg-enrichment *')]
    .filter((e) => e.getBoundingClientRect().right > right + 1 && !e.parentElement.closest('.payseg-scroll'))
    .map((e) => e.outerHTML.slice(0, 90));
}"""
STATE = "panel.enrichment.table.loc[{!r}, 'state']"


def named(book):
    """The ledger's name of the question that is shown."""
    return book.page.locator(".payseg-ledger strong").inner_text()


def shows(book, name):
    book.page.locator(".payseg-ledger strong").get_by_text(name, exact=True).wait_for()


def test_a_run_and_a_review_by_mouse(notebook):
    book = notebook(SETUP, "panel")
    page = book.page
    page.get_by_text("0 of 6 customers are answered.").wait_for()
    page.get_by_text("Now: A register of five companies").wait_for()
    page.get_by_role("button", name="Start", exact=True).click()
    page.get_by_text("6 of 6 customers are answered.").wait_for()
    page.get_by_text("Question 1 of 4. 4 left to decide.", exact=True).wait_for()
    shows(book, "Oka Joiner Ltd")
    page.get_by_role("button", name="Accept OAK JOINERS LIMITED").click()
    book.kernel_says(
        "panel.enrichment.table.loc['C6', ['company_number', 'decided_by']].tolist()", ["00000002", "Kim"]
    )
    shows(book, "Fir Softwear")
    assert page.locator(".payseg-candidates mark").all_inner_texts() == ["A", "E", "LTD"]
    page.get_by_text("“SOFTWARE” is “Softwear” in the ledger").wait_for()
    page.get_by_role("button", name="N Not a UK company").click()
    book.kernel_says(STATE.format("C5"), "not a company")
    page.get_by_role("button", name="U Undo").click()
    book.kernel_says(STATE.format("C5"), "needs review")
    shows(book, "Fir Softwear")
    # any customer can be opened from the results, here one that nothing was found for
    page.get_by_role("button", name="Why: J Smith (sole trader)").click()
    page.get_by_text("Nothing is alike.").first.wait_for()
    page.get_by_role("button", name="Review: J Smith (sole trader)").click()
    shows(book, "J Smith (sole trader)")
    page.get_by_role("button", name="O Another company").click()
    page.get_by_label("Company number").fill("4")
    page.get_by_role("button", name="Look it up").click()
    page.get_by_text("'4' is no company number").wait_for()
    page.get_by_label("Company number").fill("00000004")
    page.get_by_role("button", name="Look it up").click()
    page.get_by_text("ASH & SONS LIMITED · BS1 4DJ · active").wait_for()
    page.get_by_role("button", name="Accept this company").click()
    book.kernel_says("panel.enrichment.table.loc['C4', 'company_number']", "00000004")
    # results: filter, sort
    table = page.get_by_role("table", name="What was found")
    page.get_by_label("Find").fill("oak")
    page.get_by_text("Rows 1 to 2 of 2.").wait_for()
    page.get_by_label("Find").fill("")
    page.get_by_text("Rows 1 to 6 of 6.").wait_for()
    table.get_by_role("button", name="Customer").click()
    page.wait_for_function(
        "() => document.querySelector('.payseg-rows tbody th').textContent === 'Ash and Son'"
    )
    page.get_by_label("State", exact=True).select_option("matched")
    page.get_by_text("Rows 1 to 3 of 3.").wait_for()
    # whose region
    page.get_by_label("Where both say one").select_option("ledger")
    book.kernel_says("panel.region_from", "ledger")
    page.get_by_text("A company's region is that of its registered office").wait_for()
    # files, with names only when asked
    with page.expect_download() as plain:
        page.get_by_role("button", name="Download enrichment.csv").click()
    assert "OAK" not in Path(plain.value.path()).read_text()
    page.get_by_label("with names and numbers of companies").check()
    with page.expect_download() as decisions:
        page.get_by_role("button", name="Download decisions.csv").click()
    assert "OAK JOINERS LIMITED" in Path(decisions.value.path()).read_text()


def test_a_run_and_a_review_by_keyboard_alone(notebook):
    book = notebook(SETUP, "panel")
    page, keys = book.page, book.page.keyboard
    page.get_by_role("button", name="Start", exact=True).focus()
    keys.press("Enter")
    shows(book, "Oka Joiner Ltd")
    page.get_by_role("group", name="Question").focus()
    keys.press("2")
    shows(book, "Fir Softwear")
    keys.press("s")
    shows(book, "Elm Food Ltd")
    keys.press("ArrowLeft")
    shows(book, "Fir Softwear")
    keys.press("ArrowRight")
    shows(book, "Elm Food Ltd")
    keys.press("1")
    shows(book, "Ash and Son")
    keys.press("m")
    shows(book, "Fir Softwear")  # skipped before, and the last one left
    keys.press("o")
    assert page.evaluate("document.activeElement.id").endswith("-number")
    keys.type("00000001")
    keys.press("Enter")
    page.get_by_text("OAK JOINERY LIMITED · EC1A 1BB · active").wait_for()
    keys.press("Escape")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Question"
    keys.press("n")
    page.locator(".payseg-queue-left").get_by_text("0 left to decide.").wait_for()
    page.get_by_text("Not a UK company by Kim").wait_for()
    states = ["matched", "matched", "no match", "no match", "not a company", "matched"]
    book.kernel_says("panel.enrichment.table['state'].tolist()", states)
    keys.press("u")
    keys.press("o")  # at once, while the question is on its way: what is typed next must not decide it
    page.wait_for_function("() => document.activeElement.id.endsWith('-number')")
    page.locator(".payseg-queue-left").get_by_text("1 left to decide.").wait_for()
    keys.type("00000001")
    keys.press("Enter")
    page.get_by_role("button", name="Accept this company").wait_for()
    keys.press("Enter")
    page.get_by_text("Accepted: OAK JOINERY LIMITED (00000001)").wait_for()
    book.kernel_says("panel.enrichment.table.loc['C5', 'company_number']", "00000001")
    # by Tab from the source to the run; a key typed in a field decides nothing
    page.get_by_label("Find").focus()
    keys.type("n")
    book.kernel_says("panel.enrichment.table.loc['C5', 'company_number']", "00000001")


def test_pause_and_cancel_and_answers_that_come_meanwhile(notebook):
    book = notebook(HELD, "panel")
    page = book.page
    page.get_by_role("button", name="Start", exact=True).click()
    book.tell("gate.release(2)")
    page.get_by_text("Elm Food Ltd").first.wait_for()  # to be reviewed while the run goes on
    page.get_by_role("button", name="Pause").click()
    page.get_by_text("Paused.").wait_for()
    book.tell("gate.release(2)")
    page.get_by_role("button", name="Resume").click()
    page.get_by_role("list", name="Customers by state").get_by_text("2 pending").wait_for()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Cancelled. 4 of 6 customers are answered. Start goes on from there.").wait_for()
    page.get_by_role("button", name="Start", exact=True).click()
    book.tell("gate.release(9)")
    page.get_by_text("6 of 6 customers are answered.").wait_for()


def test_a_reload_keeps_answers_and_decisions(notebook):
    book = notebook(SETUP, "panel.start(); panel.wait(60); panel.refuse('C6', 'no match'); panel")
    shows(book, "Fir Softwear")
    book.page.get_by_role("button", name="S Skip").click()
    shows(book, "Elm Food Ltd")
    book.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    book.load()
    shows(book, "Elm Food Ltd")
    book.page.get_by_text("Question 3 of 4. 3 left to decide.", exact=True).wait_for()
    book.page.get_by_role("button", name="← Earlier").click()
    book.page.get_by_text("Skipped for now by Kim").wait_for()
    assert book.kernel("len(panel.review.decisions)") == 2


def test_a_typed_key_is_blanked_and_nowhere_in_page_or_notebook(notebook):
    book = notebook(KEYED, "panel")
    page = book.page
    page.get_by_label("Company data from").select_option("register")
    page.get_by_text("No key was found: type one.").wait_for()
    page.get_by_label("Key").fill(KEY)
    page.keyboard.press("Enter")
    page.get_by_text("Now: A register of five companies").wait_for()
    assert page.get_by_label("Key").input_value() == ""
    book.kernel_says("Register.keys", [KEY])
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    everything = page.evaluate(
        "() => JSON.stringify(window.jupyterapp.shell.currentWidget.context.model.toJSON()) + document.documentElement.outerHTML"
    )
    assert KEY not in everything
    assert book.kernel(f"{KEY!r} in str(panel.get_state()) + repr(panel)") is False
    page.get_by_label("Company data from").select_option("file")
    page.get_by_label("Path").fill("nowhere.csv")
    page.keyboard.press("Enter")
    page.get_by_text("There is no file 'nowhere.csv'").wait_for()


def test_hostile_names_are_text_in_both_themes_and_narrow_pages(notebook, tmp_path: Path):
    book = notebook(HOSTILE, "panel")
    page = book.page
    page.get_by_text("left to decide.").first.wait_for()
    page.locator(".payseg-rows tbody tr").first.wait_for()
    page.get_by_role("button", name="Why:").first.click()
    page.get_by_role("button", name="Review:").first.click()
    for dark in (True, False):
        book.theme(dark=dark)
        page.locator(".payseg-enrichment").scroll_into_view_if_needed()
        page.screenshot(path=tmp_path / f"enrichment-dark-{dark}.png")
        assert violations(book, ".payseg-enrichment") == []
    page.set_viewport_size({"width": 800, "height": 900})
    assert page.evaluate(BEYOND) == []
    assert page.evaluate("window.hacked") is None
    assert page.locator(".payseg-enrichment img").count() == 0


def test_in_the_workbench_a_model_that_needs_categories_is_offered_once_there_are_any(notebook):
    book = notebook(JOINED, "workbench")
    page = book.page
    page.get_by_role("region", name="Enrichment panel").get_by_role(
        "button", name="Start", exact=True
    ).click()
    page.get_by_text("60 of 60 customers are answered.").wait_for()
    segmenter = page.get_by_role("region", name="Segmenter")  # the forecast's models are chosen by name too
    segmenter.get_by_label("Model", exact=True).select_option("gower_kmedoids")
    page.get_by_label("Segments", exact=True).select_option("2")
    page.get_by_text("Made with categories by K-medoids (Gower).").wait_for(timeout=60_000)
    book.kernel_says("workbench.segmenter.segmentation.model", "gower_kmedoids")
    assert set(book.kernel("list(workbench.categories)")) <= {"region", "sector"}
