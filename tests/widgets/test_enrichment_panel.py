"""`EnrichmentPanel` with messages made by hand: runs, decisions, what the page is told, and what no notebook may keep."""

from __future__ import annotations

import csv
import json
import logging
import sqlite3
import subprocess
import sys
import threading
import time
import traceback

import pandas as pd
import pytest
import traitlets
from ipywidgets.widgets.widget import _instances

from payseg_widgets import Cancelled, EnrichmentError, EnrichmentPanel, SourceError
from payseg_widgets.enrichment.enrich import enrich
from payseg_widgets.enrichment.enrichment import OFFICE_CAUTION
from payseg_widgets.enrichment.journal import Journal
from payseg_widgets.enrichment.postcode_directory import PostcodeDirectory
from payseg_widgets.enrichment.sources.companies_house import ApiRegister
from payseg_widgets.enrichment.testing import register_server
from payseg_widgets.enrichment.testing.server import TEST_KEY
from payseg_widgets.widgets import errands, look_up
from payseg_widgets.widgets.source_choice import chosen_source
from tests.enrichment.scripted import CUSTOMERS, REGISTER, ScriptedSource
from tests.enrichment.test_bulk import ELM, HEADER, OAK
from tests.widgets.test_feature_selector import told

KEY = "0b7c-SECRET-KEY-91"
EVIL = "<img src=x onerror='window.hacked=1'>"


class Panel(EnrichmentPanel):
    """A panel that keeps what it sends to its page."""

    def __init__(self, *arguments, **options):
        self.sent = []
        super().__init__(*arguments, **options)

    def send(self, content, buffers=None):
        self.sent.append(content)

    def asked(self, kind, **content):
        """Deliver a page's message; returns what came back."""
        before = len(self.sent)
        data = {"method": "custom", "content": {"kind": kind, "view": "v", **content}}
        self._handle_msg({"content": {"data": data}, "buffers": []})
        return self.sent[before:]


class Register:
    """A register behind a key: the key of `KEY` opens it."""

    label = "Companies House"

    def __init__(self, found=""):
        self.found, self.keys = found, []

    def key_found(self):
        return self.found

    def open(self, key):
        self.keys.append(key)
        if key not in (None, KEY):
            raise SourceError(f"The key {key} was refused (401).")
        return ScriptedSource()


@pytest.fixture(autouse=True)
def answers_show_soon(monkeypatch):
    monkeypatch.setattr(look_up, "RENEW_EVERY", 0.02)


@pytest.fixture
def panel():
    return Panel(CUSTOMERS, ScriptedSource(), who="Kim")


@pytest.fixture
def done(panel):
    panel.start()
    panel.wait(30)
    panel.sent.clear()
    return panel


@pytest.fixture
def gate():
    gate = threading.Semaphore(0)
    yield gate
    gate.release(1000)


def until(is_so, seconds=20):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


# ---- the run ------------------------------------------------------------------------------------------------------


def test_a_run_gives_what_the_core_gives(done):
    made = enrich(CUSTOMERS, ScriptedSource())
    pd.testing.assert_frame_equal(done.enrichment.table, made.table)
    assert done.counts == {"matched": 1, "needs review": 4, "no match": 1}
    assert (done.n_to_review, done.state, done.progress) == (4, "idle", 1)
    assert done.message == "6 of 6 customers are answered."


def test_answers_show_while_the_run_goes_on_and_can_be_decided(gate):
    panel = Panel(CUSTOMERS, ScriptedSource(gate=gate), who="Kim")
    panel.start()
    gate.release(1)
    until(lambda: panel.counts.get("matched") == 1)
    assert panel.counts["pending"] == 5
    gate.release(1)
    until(lambda: panel.n_to_review == 1)
    assert [m["queue"] for m in panel.sent if m["kind"] == "queue"][-1] == [[1, ""]]
    panel.accept("C2")
    gate.release(10)
    panel.wait(20)
    assert panel.enrichment.table.loc["C2", "decided_by"] == "Kim"
    assert panel.n_to_review == 3


def test_cancel_is_there_at_once_and_the_next_run_asks_nobody_twice(gate):
    source = ScriptedSource(gate=gate)
    panel = Panel(CUSTOMERS, source)
    panel.start()
    gate.release(2)
    until(lambda: len(source.asked) == 2)
    panel.asked("cancel")
    assert panel.state == "cancelled"
    with pytest.raises(Cancelled) as stopped:
        panel.wait(5)
    assert stopped.value.finished is panel.enrichment
    gate.release(10)
    panel.asked("start")
    panel.wait(20)
    assert sorted(source.asked) == CUSTOMERS["customer_id"].tolist()


def test_answers_of_a_run_that_was_cancelled_are_taken_in(gate):
    source = ScriptedSource(gate=gate)
    panel = Panel(CUSTOMERS, source)
    panel.start()
    gate.release(3)
    until(lambda: len(source.asked) == 3)
    panel.cancel()
    until(lambda: panel.counts.get("pending") == 3)
    assert panel.state == "cancelled"


def test_late_answers_of_a_source_no_longer_chosen_are_not_shown(gate):
    panel = Panel(CUSTOMERS, ScriptedSource(gate=gate))
    panel.start()
    panel.cancel()
    late = [panel.source.answer(record) for record in panel.review.records]
    first, panel.source = panel.source, None
    panel._take(first, late)
    assert panel.counts == {"pending": 6}


def test_pause_begins_nobody_and_resume_goes_on(gate):
    source = ScriptedSource(gate=gate)
    panel = Panel(CUSTOMERS, source)
    panel.start()
    panel.asked("pause")
    assert (panel.is_paused, panel.state) == (True, "running")
    gate.release(1)  # at most the one already begun
    time.sleep(0.1)
    n = len(source.asked)
    assert n <= 1
    gate.release(10)
    time.sleep(0.1)
    assert len(source.asked) == n
    panel.asked("resume")
    panel.wait(20)
    assert not panel.is_paused
    assert len(source.asked) == 6


def test_it_does_not_wait_for_numerical_work_nor_hold_it_up(gate):
    panel = Panel(CUSTOMERS, ScriptedSource(gate=gate))
    with errands.ONE_AT_A_TIME:
        panel.start()
        gate.release(1)
        until(lambda: len(panel.source.asked) == 1)
    assert errands.ONE_AT_A_TIME.acquire(timeout=1)  # while it runs
    errands.ONE_AT_A_TIME.release()
    assert panel.state == "running"


def test_an_outage_is_told_with_what_was_found_by_then():
    source = ScriptedSource(breaks_at="C3")
    source.error = SourceError("The register is out of service; try again later.")
    panel = Panel(CUSTOMERS, source)
    panel.start()
    with pytest.raises(SourceError):
        panel.wait(20)
    assert (panel.state, panel.message) == ("failed", "The register is out of service; try again later.")
    assert panel.counts == {"matched": 1, "needs review": 1, "pending": 4}


def test_an_error_that_is_not_ours_keeps_its_words_out_of_the_state():
    source = ScriptedSource(breaks_at="C3")
    source.error = KeyError("Oak Joinery Ltd")
    panel = Panel(CUSTOMERS, source)
    panel.start()
    with pytest.raises(KeyError, match="Oak"):
        panel.wait(20)
    assert panel.message == "Broken off by KeyError; wait() raises it. What was found is kept."


def test_those_that_failed_are_asked_again_only_when_wished():
    source = ScriptedSource(fails={"C3"})
    panel = Panel(CUSTOMERS, source)
    for retry, asked in ((False, 6), (False, 6), (True, 7)):
        panel.asked("start", retry=retry)
        panel.wait(20)
        assert len(source.asked) == asked
    assert panel.counts["failed"] == 1


def test_a_second_panel_on_the_same_journal_knows_answers_and_decisions(tmp_path):
    first = Panel(CUSTOMERS, ScriptedSource(), journal=tmp_path / "j.sqlite", who="Kim")
    first.start()
    first.wait(20)
    first.refuse("C2", "no match")
    source = ScriptedSource()
    second = Panel(CUSTOMERS, source, journal=tmp_path / "j.sqlite", who="Sam")
    assert second.counts == first.counts
    second.start()
    second.wait(20)
    assert source.asked == []
    assert second.undo() is None  # Kim's decision is not Sam's to take back
    assert first.undo() == "C2"


# ---- decisions ----------------------------------------------------------------------------------------------------


def test_the_page_decides_and_every_view_hears(done):
    heard = []
    done.observe(lambda change: heard.append(change.new.table.loc["C6", "state"]), "enrichment")
    at = done.review.places["C6"]
    [reply] = [
        m for m in done.asked("decide", at=at, choice="accepted", number="00000002") if m["kind"] == "decided"
    ]
    assert reply == {"kind": "decided", "at": at, "choice": "accepted", "undone": False}
    assert heard == ["matched"]
    assert done.enrichment.table.loc["C6", ["company_number", "decided_by"]].tolist() == ["00000002", "Kim"]
    [card] = done.asked("question", at=at)
    assert (card["to"], card["decision"]["who"], card["name"]) == ("v", "Kim", "Oka Joiner Ltd")
    done.asked("decide", at=1, choice="not a company")
    done.asked("decide", at=2, choice="skipped")
    assert done.enrichment.table["state"].tolist()[1:3] == ["not a company", "needs review"]
    assert done.n_to_review == 2
    assert done.asked("undo")[-1] == {"kind": "decided", "at": 2, "choice": "", "undone": True}


def test_another_company_is_looked_up_and_named_before_it_is_accepted(done):
    done.asked("company", at=3, number="00000005")
    until(lambda: done.sent and done.sent[-1]["kind"] == "company")
    assert done.sent[-1]["company"]["name"] == "FIR SOFTWARE LTD"
    done.asked("decide", at=3, choice="accepted", number="00000005")
    assert done.source.numbers == ["00000005"]  # asked for once
    assert done.enrichment.table.loc["C4", "company_number"] == "00000005"
    for number, says in (
        ("1234567", "no such company"),
        ("nonsense", "no company number"),
        ("", "no company number"),
    ):
        n = len(done.sent)
        done.asked("company", at=3, number=number)
        until(lambda n=n: len(done.sent) > n)
        assert says in done.sent[-1]["text"]
        assert done.sent[-1]["company"] is None


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ({"kind": "decide", "at": 99, "choice": "no match"}, "no customer"), ({"kind": "question", "at": "0"}, "no customer"),
        ({"kind": "decide", "at": 1, "choice": "moon"}, "choice='moon'"), ({"kind": "undo"}, "nothing to undo"),
        ({"kind": "decide", "at": 3, "choice": "accepted", "number": "7654321"}, "no such company"),
        ({"kind": "rows", "sort": "moon"}, "sort='moon'"), ({"kind": "source", "choice": "moon"}, "'moon' is no source"),
        ({"kind": "source", "choice": "file", "path": "nowhere.csv"}, "no file 'nowhere.csv'"),
        ({"kind": "source", "choice": "file"}, "no file ''"),
    ],
)  # fmt: skip
def test_what_the_page_cannot_have_is_refused_there(done, message, says):
    [reply] = done.asked(**message)
    assert (reply["kind"], reply["to"]) == ("refused", "v")
    assert says in reply["text"]


def test_rows_files_and_a_greeting_come_when_asked_for(done):
    [hello] = done.asked("hello")
    assert hello["queue"] == [[5, ""], [4, ""], [1, ""], [2, ""]]
    assert (hello["who"], hello["source"]["now"], hello["source"]["choice"]) == (
        "Kim",
        "A register of five companies",
        "given",
    )
    [rows] = done.asked("rows", state="no match")
    assert [row[2] for row in rows["rows"]] == ["J Smith (sole trader)"]
    done.refuse("C2", "no match")
    [named], [plain] = done.asked("csv", what="enrichment", names=True), done.asked("csv", what="enrichment")
    assert "OAK JOINERY LIMITED" in named["text"]
    assert "OAK" not in plain["text"]
    [decisions] = done.asked("csv", what="decisions")
    assert decisions["text"].splitlines()[1].startswith("C2,no match,Kim,")


def test_the_region_can_be_the_ledger_s_own(done):
    assert done.enrichment.table.loc["C1", "region_basis"] == "registered office"
    told(done, region_from="ledger")
    assert done.enrichment.table.loc["C1", "region_basis"] == "ledger postcode"
    assert enrich(CUSTOMERS, ScriptedSource(), region_from="ledger").table.equals(done.enrichment.table)


# ---- where the data come from -------------------------------------------------------------------------------------


def test_the_page_changes_the_source_and_sees_its_answers(done, tmp_path):
    done.asked("source", choice="ledger")
    assert (done.source, done.counts, done.n_to_review) == (None, {"pending": 6}, 0)
    file = tmp_path / "register.csv"
    file.write_text("CompanyName\n")
    [said] = [m for m in done.asked("source", choice="file", path=str(file)) if m["kind"] == "source"]
    assert (said["source"]["now"], done.source) == ("register.csv", file)
    done.asked("source", choice="given")
    assert done.n_to_review == 4


def test_a_bulk_file_is_chosen_by_its_path_opened_off_the_loop_and_asked(tmp_path):
    file = tmp_path / "BasicCompanyDataAsOneFile-2026-11-01.csv"
    with file.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([HEADER, OAK, ELM])
    people = CUSTOMERS.assign(
        name=["Oak Tree", *CUSTOMERS["name"][1:5], "Elm"],
        company_number=["12345", None, None, None, None, "OC300001"],
    )
    panel = Panel(people, who="Kim")
    panel.asked("source", choice="file", path=str(file))
    panel.asked("start")
    made = panel.wait(60)
    assert made.table.loc[["C1", "C6"], "company_number"].tolist() == ["00012345", "OC300001"]
    panel.accept("C2", "OC300001")  # the file is asked for a number too
    assert panel.enrichment.table.loc["C2", "state"] == "matched"


def test_a_source_is_not_changed_under_a_run(gate):
    panel = Panel(CUSTOMERS, ScriptedSource(gate=gate))
    panel.start()
    [reply] = panel.asked("source", choice="ledger")
    assert "cancel that" in reply["text"]
    with pytest.raises(EnrichmentError, match="cancel"):
        panel.source = None


def test_a_typed_key_opens_the_register_and_is_nowhere_afterwards(caplog, capfd):
    caplog.set_level(logging.DEBUG)
    register = Register()
    panel = Panel(CUSTOMERS, register=register, who="Kim")
    message = {"kind": "source", "view": "v", "choice": "register", "key": KEY}
    panel._handle_msg({"content": {"data": {"method": "custom", "content": message}}, "buffers": []})
    assert register.keys == [KEY]
    assert isinstance(panel.source, ScriptedSource)
    wrong = panel.asked("source", choice="register", key=f" {KEY}x ")
    assert "[key]" in wrong[-1]["text"]
    with pytest.raises(EnrichmentError) as raised:
        chosen_source({"choice": "register", "key": f"{KEY}x"}, register, None)
    frames = [str(f.f_locals.get("key", "")) for f, _ in traceback.walk_tb(raised.value.__traceback__)]
    register.keys.clear()
    places = [
        str(panel.get_state()), str(panel.sent), repr(panel), str(panel._repr_mimebundle_()), panel.to_code(), caplog.text,
        *capfd.readouterr(), str(message), str(vars(panel)), str(raised.value), *frames,
        *(str(w.get_state()) for w in _instances.values()),
    ]  # fmt: skip
    assert [place[:200] for place in places if KEY in place] == []


def test_a_key_that_was_found_is_said_and_used_without_typing():
    register = Register(found="in the environment")
    panel = Panel(CUSTOMERS, register=register)
    [found] = panel.asked("key_found")
    assert found["found"] == "in the environment"
    panel.asked("source", choice="register", key="")
    assert register.keys == [None]


def test_the_page_s_modules_join_into_one_that_parses(node, tmp_path):
    page = tmp_path / "page.mjs"
    page.write_text(EnrichmentPanel._esm, encoding="utf-8")
    checked = subprocess.run([node, "--check", page], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "import {" not in EnrichmentPanel._esm


# ---- what is kept, and what may not be ----------------------------------------------------------------------------


def test_no_name_address_number_or_id_is_in_what_a_notebook_keeps(caplog, capfd):
    caplog.set_level(logging.DEBUG)
    people = CUSTOMERS.assign(customer_id=[f"ACC-{i}" for i in range(6)], name=CUSTOMERS["name"] + EVIL)
    panel = Panel(people, ScriptedSource(), who="Kim Reviewer")
    panel.start()
    panel.wait(20)
    panel.accept("ACC-5", "00000002")
    panel.asked("hello")
    panel.asked("rows")
    kept = [
        *(json.dumps(w.get_state(), default=str) for w in _instances.values()),
        json.dumps(panel._repr_mimebundle_(), default=str), repr(panel), repr(panel.enrichment), repr(panel.review),
        str(panel.as_view().table), caplog.text, *capfd.readouterr(),
    ]  # fmt: skip
    secrets = ["ACC-", "Oak Joinery", "Elm Food", "Mill Lane", "EC1A", "Kim Reviewer", "hacked"]
    secrets += [company.name for company in REGISTER] + [company.number for company in REGISTER]
    found = [(secret, text[:80]) for text in kept for secret in secrets if secret in text]
    assert found == []


def test_its_repr_is_a_line_and_its_fallback_counts_and_coverage(done):
    assert repr(done) == "EnrichmentPanel(customers=6; matched: 1, needs review: 4, no match: 1; idle)"
    assert len(repr(done)) <= 110
    html = done._repr_mimebundle_()[0]["text/html"]
    assert html.count("<tr") == 1 + len(done.as_view().table)
    assert OFFICE_CAUTION.split(":")[0].replace("'", "&#x27;") in html


def test_its_code_does_the_same(done, tmp_path):
    done.accept("C6", "00000002")
    done.refuse("C3", "no match")
    done.skip("C2")
    done.region_from = "ledger"
    names = {"customers": CUSTOMERS, "source": ScriptedSource()}
    exec(done.to_code(), names)
    columns = [name for name in done.enrichment.table if name != "decided_by"]
    assert names["enrichment"].table[columns].equals(done.enrichment.table[columns])
    path = tmp_path / "kept.sqlite"
    kept = Panel(CUSTOMERS, ScriptedSource(), journal=path, who="Kim")
    assert f"journal={str(path)!r}" in kept.to_code()
    assert "accept" not in kept.to_code()


def test_its_code_names_what_was_set_and_is_no_plain_value(tmp_path):
    file = tmp_path / "directory.csv"
    file.write_text(
        'pcds,ctry,rgn\n"EC1A 1BB",E92000001,E12000008\n'
    )  # that postcode, said to be in the South East
    directory = PostcodeDirectory.read(file)
    panel = Panel(CUSTOMERS, ScriptedSource(), postcode_directory=directory, max_age_days=7)
    assert "(customers, source, postcode_directory=postcode_directory, max_age_days=7)" in panel.to_code()
    assert panel.enrichment.table.loc["C1", "region"] == "South East"
    panel.start()
    panel.wait(20)
    panel.accept("C6", "00000001")
    assert panel.enrichment.table.loc[["C1", "C6"], "region"].tolist() == ["South East"] * 2


def test_answers_older_than_said_are_asked_for_again(tmp_path):
    long_ago = Journal(tmp_path / "kept.sqlite", clock=lambda: time.time() - 10 * 86_400)
    with long_ago as journal:
        enrich(CUSTOMERS, ScriptedSource(), journal=journal)
    for max_age_days, n_asked in ((30, 0), (7, 6)):
        source = ScriptedSource()
        panel = Panel(CUSTOMERS, source, journal=tmp_path / "kept.sqlite", max_age_days=max_age_days)
        panel.start()
        panel.wait(20)
        assert len(source.asked) == n_asked
        panel.close()


def test_a_register_that_is_asked_over_a_network_does_the_same():
    people = pd.DataFrame({
        "customer_id": [f"C{n}" for n in range(12)],
        "name": [company.name for company in REGISTER[:4]] * 3,
        "company_number": [company.number for company in REGISTER[:4]] + [None] * 8,
    })  # fmt: skip
    with register_server(REGISTER, latency_seconds=0.02) as server:
        panel = Panel(people, ApiRegister(TEST_KEY, base_url=server.url), who="Kim")
        panel.start()
        panel.wait(30)
        assert panel.counts["matched"] >= 4
        assert sum(panel.counts.values()) == 12
        assert server.n_refused == 0
        panel.asked("company", at=0, number="00000005")
        until(lambda: panel.sent and panel.sent[-1]["kind"] == "company")
        assert panel.sent[-1]["company"]["name"] == "FIR SOFTWARE LTD"
        panel.accept("C11", "00000005")
    assert panel.enrichment.table.loc["C11", "company_name"] == "FIR SOFTWARE LTD"
    assert TEST_KEY not in f"{panel.get_state()} {panel.sent} {panel!r} {panel.to_code()}"


def test_wrong_values_explain_themselves_and_results_are_read_only(panel, loud_callbacks):
    for name in ("enrichment", "counts", "n_to_review", "is_paused"):
        with pytest.raises(traitlets.TraitError, match="read-only"):
            setattr(panel, name, getattr(panel, name))
    with pytest.raises(EnrichmentError, match="names nobody"):
        panel.who = " "
    told(panel, region_from="moon")
    assert isinstance(loud_callbacks.pop(), traitlets.TraitError)
    assert panel.region_from == "registered office"
    with pytest.raises(EnrichmentError, match="under pseudonyms"):
        EnrichmentPanel(CUSTOMERS.assign(name=None))


def test_a_journal_of_its_own_is_closed_with_it_and_a_borrowed_one_is_not(gate):
    with Journal() as journal:
        panel = Panel(CUSTOMERS, ScriptedSource(gate=gate), journal=journal)
        panel.start()
        panel.close()
        journal.counts("scripted")
    own = Panel(CUSTOMERS, ScriptedSource(gate=gate))
    own.start()
    own.close()  # while it runs: closed when the thread has ended
    with own._turn:
        pass
    until(lambda: _is_closed(own.journal))


def _is_closed(journal):
    try:
        journal.counts("scripted")
    except sqlite3.ProgrammingError:
        return True
    return False


def test_a_process_that_leaves_its_panel_open_ends():
    code = (
        "from tests.enrichment.scripted import CUSTOMERS, ScriptedSource\n"
        "from payseg_widgets import EnrichmentPanel\n"
        "panel = EnrichmentPanel(CUSTOMERS, ScriptedSource())\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
