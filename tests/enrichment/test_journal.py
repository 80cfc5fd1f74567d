import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payseg_widgets.enrichment.answer import (
    STATES,
    Answer,
    Candidate,
    candidates_from_json,
    candidates_to_json,
)
from payseg_widgets.enrichment.company import Company, CustomerRecord, PreviousName
from payseg_widgets.enrichment.journal import CLAIM_SECONDS, Journal
from payseg_widgets.errors import EnrichmentError

DAY = 86_400.0
OAK = Company(
    "00012345", "OAK LIMITED", status="active", incorporated_on=date(2001, 2, 3), sic_codes=("62020",),
    previous_names=(PreviousName("ACORN LIMITED", None, date(2010, 1, 1)),),
)  # fmt: skip
MATCHED = Answer(
    "C1", "matched", "Same number.", (Candidate(OAK, 0.99, ("same number",)),), "bulk", date(2026, 11, 1)
)


def customers(n):
    return [CustomerRecord(f"C{i}", f"Customer {i} Ltd") for i in range(n)]


def answer_for(customer, state="no match", source="bulk"):
    return Answer(customer.customer_id, state, "Nobody is called so.", source=source)


class Clock:
    now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_an_answer_comes_back_as_it_was_written_from_another_process_s_view(tmp_path):
    customer = CustomerRecord("C1", "Oak Ltd")
    with Journal(tmp_path / "j.sqlite") as first, Journal(tmp_path / "j.sqlite") as second:
        first.write(customer, MATCHED)
        assert second.answers("bulk") == {"C1": MATCHED}
        assert second.answers("other source") == {}
        assert second.counts("bulk") == dict.fromkeys(STATES, 0) | {"matched": 1}


texts = st.text(max_size=20)
days = st.none() | st.dates()
companies = st.builds(
    Company, texts, texts, texts, texts, days, days, texts, texts, texts, st.lists(texts, max_size=3).map(tuple),
    st.lists(st.builds(PreviousName, texts, days, days), max_size=2).map(tuple),
)  # fmt: skip


@given(
    st.lists(st.builds(Candidate, companies, st.floats(0, 1), st.tuples(texts), st.tuples(texts)), max_size=3)
)
def test_candidates_are_read_back_the_same(candidates):
    assert candidates_from_json(candidates_to_json(tuple(candidates))) == tuple(candidates)


def test_nobody_is_asked_for_twice_until_the_age_limit(clock):
    people = customers(3)
    with Journal(clock=clock) as journal:
        assert journal.due(people, "bulk", max_age_days=90) == people
        journal.write(people[1], answer_for(people[1]))
        assert journal.due(people, "bulk", max_age_days=90) == [people[0], people[2]]
        assert journal.due(people, "another", max_age_days=90) == people
        clock.now += 90 * DAY + 1
        assert journal.due(people, "bulk", max_age_days=90) == people


def test_a_customer_written_differently_is_asked_for_again():
    (one,) = customers(1)
    with Journal() as journal:
        journal.write(one, answer_for(one))
        journal.decide(one, "no match", who="Kim")
        moved = replace(one, postcode="LS1 1AA")
        assert journal.due([moved], "bulk", max_age_days=90) == [moved]
        assert journal.decisions([one]).keys() == {"C0"}
        assert journal.decisions([moved]) == {}


def test_what_failed_waits_like_the_rest_unless_asked_for():
    (one,) = customers(1)
    with Journal() as journal:
        journal.write(one, answer_for(one, "failed"))
        assert journal.due([one], "bulk", max_age_days=90) == []
        assert journal.due([one], "bulk", max_age_days=90, retry_failed=True) == [one]


def test_what_one_notebook_has_claimed_the_other_leaves(tmp_path, clock):
    people = customers(4)
    path = tmp_path / "j.sqlite"
    with Journal(path, clock=clock) as first, Journal(path, clock=clock) as second:
        assert first.claim(people[:2], "bulk") == people[:2]
        assert second.claim(people, "bulk") == people[2:]
        assert first.claim(people[:2], "bulk") == people[:2]  # one's own claims stay one's own
        first.release("bulk")
        assert second.claim(people[:1], "bulk") == people[:1]
        clock.now += CLAIM_SECONDS + 1
        assert first.claim(people, "bulk") == people


def test_closing_gives_claims_back(tmp_path):
    people = customers(2)
    Journal(tmp_path / "j.sqlite").claim(people, "bulk")
    first = Journal(tmp_path / "j.sqlite")
    first.claim(people, "other")
    first.close()
    with Journal(tmp_path / "j.sqlite") as second:
        assert second.claim(people, "other") == people
        assert second.claim(people, "bulk") == []  # that process lives, and has not closed


WRITER = """
import sys
import threading
from payseg_widgets.enrichment.answer import Answer
from payseg_widgets.enrichment.company import CustomerRecord
from payseg_widgets.enrichment.journal import Journal
journal = Journal(sys.argv[1])
people = [CustomerRecord(f"C{i}", f"Customer {i} Ltd") for i in range(100_000)]
journal.claim(people[:500], "bulk")
for person in people:
    journal.write(person, Answer(person.customer_id, "no match", "Nobody.", source="bulk"))
    print(person.customer_id, flush=True)
"""


def test_a_process_killed_at_any_moment_loses_no_answer_and_its_claims_lapse(tmp_path):
    path = tmp_path / "j.sqlite"
    with subprocess.Popen([sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE, text=True) as writer:
        said = [writer.stdout.readline().strip() for _ in range(20)]
        writer.send_signal(signal.SIGKILL)
        said += [line.strip() for line in writer.stdout if line.endswith("\n")]
    with Journal(path) as journal:
        kept = journal.answers("bulk")
        assert set(said) <= kept.keys()
        assert len(kept) <= len(said) + 1  # the one that was written and not yet said
        people = [CustomerRecord(f"C{i}", f"Customer {i} Ltd") for i in range(500)]
        assert journal.claim(people, "bulk") == people


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(
                st.just("decide"),
                st.integers(0, 2),
                st.sampled_from(["no match", "not a company", "skipped"]),
            ),
            st.tuples(st.just("undo")),
        ),
        max_size=12,
    )
)
def test_decisions_are_a_stack_of_which_the_latest_for_a_customer_stands(steps):
    people, stack = customers(3), []
    with Journal() as journal:
        for step in steps:
            if step[0] == "decide":
                journal.decide(people[step[1]], step[2], who="Kim")
                stack.append((f"C{step[1]}", step[2]))
            else:
                assert journal.undo() == (stack.pop()[0] if stack else None)
        assert {name: d.choice for name, d in journal.decisions(people).items()} == dict(stack)


def test_accepting_names_a_company_and_nothing_else_does():
    (one,) = customers(1)
    with Journal() as journal:
        journal.decide(one, "accepted", OAK, who="Kim")
        assert journal.decisions()["C0"].company == OAK
        assert journal.decisions()["C0"].who == "Kim"
        for choice, company in [("accepted", None), ("no match", OAK), ("perhaps", None)]:
            with pytest.raises(EnrichmentError, match="choice="):
                journal.decide(one, choice, company, who="Kim")


def test_another_s_file_is_refused_and_left_as_it_was(tmp_path):
    with sqlite3.connect(tmp_path / "other.sqlite") as other:
        other.execute("CREATE TABLE t (x)")
    other.close()
    with pytest.raises(EnrichmentError, match=r"other\.sqlite is a database of something else"):
        Journal(tmp_path / "other.sqlite")
    (tmp_path / "text.sqlite").write_text("dear diary " * 100)
    with pytest.raises(EnrichmentError, match=r"text\.sqlite cannot be used as a journal"):
        Journal(tmp_path / "text.sqlite")
    assert (tmp_path / "text.sqlite").read_text() == "dear diary " * 100


def test_a_later_version_is_not_touched(tmp_path):
    Journal(tmp_path / "j.sqlite").close()
    with sqlite3.connect(tmp_path / "j.sqlite") as db:
        db.execute("PRAGMA user_version = 9")
    db.close()
    with pytest.raises(EnrichmentError, match=r"later version \(9, known here is 1\)"):
        Journal(tmp_path / "j.sqlite")


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_only_the_owner_may_read_the_file(tmp_path):
    Journal(tmp_path / "j.sqlite").close()
    assert stat.S_IMODE((tmp_path / "j.sqlite").stat().st_mode) == 0o600


def test_no_repr_names_anybody(tmp_path):
    with Journal(tmp_path / "oak.sqlite") as journal:
        journal.write(CustomerRecord("C1", "Oak Ltd"), MATCHED)
        journal.decide(CustomerRecord("C1", "Oak Ltd"), "accepted", OAK, who="Kim")
        shown = f"{journal!r} {journal.answers('bulk')['C1']!r} {journal.decisions()['C1']!r} {MATCHED.candidates!r}"
    assert "Oak" not in shown.title()
    assert "C1" not in shown


def test_an_answer_ends_in_a_known_state():
    with pytest.raises(EnrichmentError, match="state='perhaps' is none of: matched, needs review"):
        Answer("C1", "perhaps", "")
    with pytest.raises(EnrichmentError, match="names the company"):
        Answer("C1", "matched", "")


def test_threads_may_write_at_once(tmp_path):
    people = customers(40)
    with Journal(tmp_path / "j.sqlite") as journal:

        def write(some):
            for person in some:
                journal.write(person, answer_for(person))

        threads = [threading.Thread(target=write, args=(people[i::4],)) for i in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(journal.answers("bulk")) == 40
