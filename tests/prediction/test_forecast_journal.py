"""The journal loses nothing, names nobody, shares its file, and knows what has left the export."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from payseg_widgets import ForecastJournal, forecast_outcomes, predict_payments, simulate_ledger
from payseg_widgets.errors import ForecastError
from payseg_widgets.prediction.outcome_scores import SCORES
from tests.prediction.forecasts import forecast_of, ledger_of, paid_later, without

DAYS = ("2024-03-31", "2024-04-30", "2024-05-31")


@pytest.fixture(scope="module")
def ledger():
    return simulate_ledger(60, seed=4, world="realistic").ledger


@pytest.fixture(scope="module")
def forecasts(ledger):
    return [predict_payments(ledger, day, n_weeks=4, n_draws=200) for day in DAYS]


@pytest.fixture
def journal(tmp_path):
    with ForecastJournal(tmp_path / "deep" / "forecasts.sqlite") as opened:
        yield opened


def small(day="2024-03-31", p=0.25, common=0.0):
    """Forty invoices of forty customers, due in the fortnight after the day."""
    due = pd.Timestamp(day) + pd.to_timedelta(np.arange(40) % 14 + 1, unit="D")
    q10, q90 = due - pd.Timedelta(days=5), due + pd.Timedelta(days=9)
    rows = [(f"{day} {k}", f"C{k:03}", 100, due[k], p, q10[k], due[k], q90[k]) for k in range(40)]
    return forecast_of(rows, [(500, 0, 4_000)], day, common)


def small_ledger(days, days_late):
    """What came of `small`: each invoice paid so many days after it was due, by ``days_late[day]``."""
    invoices, payments = [], []
    for day in days:
        table = small(day).invoices
        for (name, row), late in zip(table.iterrows(), days_late[day], strict=True):
            invoices.append((name, row["customer_id"], "2024-01-01", row["due_on"], 100, None, None))
            payments.append((name, row["customer_id"], row["due_on"] + pd.Timedelta(days=int(late)), 100))
    return ledger_of(invoices, payments)


def test_the_same_forecast_is_kept_once(journal, forecasts, ledger):
    first = journal.record(forecasts[0], ledger=ledger)
    assert journal.record(forecasts[0]) == first
    assert journal.record(forecasts[1]) != first
    table = journal.forecasts
    assert table["as_of"].tolist() == [pd.Timestamp(day) for day in DAYS[:2]]
    assert table["balance_minor"].tolist() == [one.balance_minor for one in forecasts[:2]]
    assert table["n_invoices"].tolist() == [len(one.invoices) for one in forecasts[:2]]
    assert table["ledger"].notna().tolist() == [True, False]
    assert table["model"].str.len().eq(64).all()
    assert repr(journal) == "ForecastJournal(forecasts=2)"


def test_scores_of_the_journal_are_those_of_the_forecasts(journal, forecasts, ledger):
    numbers = [journal.record(one) for one in forecasts]
    then = ledger.until("2024-05-15")
    scored = journal.score(then)
    assert scored.index.tolist() == numbers
    for number, one in zip(numbers[:2], forecasts[:2], strict=True):
        wanted = forecast_outcomes(one, then)
        assert scored.loc[number, list(SCORES)].to_numpy(float) == pytest.approx(
            wanted.scores["value"], nan_ok=True
        )
        assert scored.at[number, "n_dates"] == wanted.scores["n"]["dates_within"]
        assert scored.at[number, "n_weeks"] == len(wanted.weeks)
    assert scored.loc[numbers[2], list(SCORES)].isna().all()
    assert scored.at[numbers[2], "n_late"] == 0


def test_what_has_left_the_export_stays_known(journal, forecasts, ledger):
    number = journal.record(forecasts[0])
    then = ledger.until("2024-06-30")
    before = journal.outcomes(then)[number]
    gone = before.invoices.index[before.invoices["state"] == "paid"]
    assert len(gone) > 20
    shrunk = without(ledger, gone)
    after = journal.outcomes(shrunk)[number]
    pd.testing.assert_series_equal(after.invoices.loc[gone, "paid_on"], before.invoices.loc[gone, "paid_on"])
    told = after.invoices.loc[gone, "paid_q90"].notna()  # without an end it is not judged
    assert (after.invoices.loc[gone, "is_within"].notna() == told).all()
    pd.testing.assert_frame_equal(after.weeks, before.weeks)
    alone = forecast_outcomes(forecasts[0], shrunk)
    assert (alone.invoices.loc[gone, "state"] == "missing").all()


def test_what_became_known_later_is_not_seen_from_an_earlier_day(journal, forecasts, ledger):
    number = journal.record(forecasts[0])
    day = "2024-04-20"
    fresh = forecast_outcomes(forecasts[0], ledger.until(day))
    journal.outcomes(ledger)
    pd.testing.assert_frame_equal(journal.outcomes(ledger.until(day))[number].scores, fresh.scores)
    paid_soon = fresh.invoices.index[fresh.invoices["state"] == "paid"]
    missing = journal.outcomes(without(ledger.until(day), paid_soon))[number].invoices.loc[paid_soon]
    assert (missing["state"] == "missing").all()


def test_an_open_invoice_that_vanishes_is_known_up_to_the_day_it_was_last_seen(journal):
    number = journal.record(small())
    ledger = small_ledger(["2024-03-31"], {"2024-03-31": [30] * 40})
    journal.outcomes(ledger.until("2024-04-08"))
    rest = [f"2024-03-31 {k}" for k in range(1, 40)]
    table = journal.outcomes(without(ledger, rest))[number].invoices
    due = table["due_on"] + pd.Timedelta(days=1)
    was_seen = due <= pd.Timestamp("2024-04-08")
    is_there = table.index == "2024-03-31 0"
    assert (table["is_late"].notna() == (was_seen | is_there)).all()


def test_it_is_silent_while_all_is_as_forecast_and_speaks_when_everybody_pays_later(journal):
    days = [f"2024-0{month}-01" for month in range(2, 8)]
    rng = np.random.default_rng(0)
    for day in days:
        journal.record(small(day, p=0.25))
    as_told = {day: np.where(np.arange(40) % 4 == rng.integers(4), 5, -3) for day in days}
    quiet = journal.drift(small_ledger(days, as_told))
    assert len(quiet.table) == 6
    assert quiet.table["observed"].tolist() == [0.25] * 6
    assert not quiet.table["is_drifting"].any()
    later = {day: as_told[day] + (10 if day >= "2024-05" else 0) for day in days}
    loud = journal.drift(small_ledger(days, later))
    assert loud.first_seen == pd.Timestamp("2024-05-01")
    assert journal.drift(small_ledger(days, later), since="2024-06-01").table.index[0] == pd.Timestamp(
        "2024-06-01"
    )
    # the last forecast answers only once its 30 days are over
    assert len(journal.drift(small_ledger(days, as_told).until("2024-07-20")).table) == 5


def test_each_invoice_counts_at_one_look_and_the_latest_forecast_of_a_day_counts(journal):
    journal.record(small("2024-02-01", p=0.9))
    journal.record(small("2024-02-01", p=0.25))
    journal.record(small("2024-02-08"))
    days = ["2024-02-01", "2024-02-08"]
    table = journal.drift(small_ledger(days, dict.fromkeys(days, [-3] * 40))).table
    assert table["predicted"].iloc[0] == 0.25
    due = small("2024-02-01").invoices["due_on"] + pd.Timedelta(days=1)
    assert (
        table["n_invoices"].iloc[0] == (due <= pd.Timestamp("2024-02-08")).sum()
    )  # later ones are the next one's


def test_an_export_of_open_invoices_alone_raises_no_alarm(journal):
    """Those paid in time are gone: all that are left are late."""
    journal.record(small())
    ledger = small_ledger(["2024-03-31"], {"2024-03-31": np.where(np.arange(40) % 4 == 0, 60, -3)})
    in_time = [f"2024-03-31 {k}" for k in range(40) if k % 4]
    assert journal.drift(without(ledger, in_time)).table.empty
    assert np.isnan(journal.score(without(ledger, in_time))["observed_late"].iloc[0])
    assert journal.drift(ledger).table["observed"].tolist() == [0.25]
    assert journal.drift(without(ledger, in_time)).table["observed"].tolist() == [0.25]  # known by now


def test_a_real_change_is_found_on_a_simulated_ledger(tmp_path):
    ledger = simulate_ledger(150, seed=8, world="realistic").ledger
    changed = paid_later(ledger, "2024-06-15", 15)
    with ForecastJournal(tmp_path / "journal.sqlite") as journal:
        for day in ("2024-04-30", "2024-05-31", "2024-06-30"):
            journal.record(predict_payments(changed, day, n_weeks=2, n_draws=100))
        drift = journal.drift(changed)
    assert drift.first_seen is not None
    assert drift.first_seen >= pd.Timestamp("2024-05-31")
    assert drift.is_drifting
    assert drift.table["observed"].iloc[-1] > drift.table["predicted"].iloc[-1]


def test_no_name_is_in_the_file_and_only_the_owner_may_read_it(tmp_path, forecasts, ledger):
    path = tmp_path / "journal.sqlite"
    with ForecastJournal(path) as journal:
        journal.record(forecasts[0], ledger=ledger)
        journal.score(ledger)
        held = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert ledger.customers["customer_id"].iloc[0].encode() in held
    names = ledger.customers["name"].dropna()
    assert len(names) > 50
    assert not [name for name in names if name.encode() in held]
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


WRITER = """
import sys
sys.path.insert(0, ".")
from payseg_widgets import ForecastJournal
from tests.prediction.test_forecast_journal import small
journal = ForecastJournal(sys.argv[1])
day = 0
while True:
    day += 1
    journal.record(small(p=day / 10_000))
    print(day, flush=True)
"""


def test_two_processes_share_a_file_and_one_killed_while_writing_leaves_whole_forecasts_only(tmp_path):
    path = str(tmp_path / "journal.sqlite")
    with (
        subprocess.Popen([sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE, text=True) as writer,
        ForecastJournal(path) as journal,
    ):
        said = int(writer.stdout.readline())
        same = journal.record(small(p=1 / 10_000))  # the other has recorded it already
        for k in range(5):
            journal.record(small(p=0.5 + k / 100))
            said = int(writer.stdout.readline())
        writer.kill()
        said = max([said, *(int(line) for line in writer.stdout if line.strip().isdigit())])
        writer.wait(10)
        assert same == journal.forecasts.index[0]
    with ForecastJournal(path) as journal:
        assert len(journal.forecasts) - 5 in (said, said + 1)
        ledger = small_ledger(["2024-03-31"], {"2024-03-31": [0] * 40})
        assert {len(one.invoices) for one in journal.outcomes(ledger).values()} == {40}


def test_another_s_file_is_refused_and_left_as_it_was(tmp_path):
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE mine (x)")
    db.close()
    before = other.read_bytes()
    with pytest.raises(ForecastError, match=r"other\.sqlite is a database of something else"):
        ForecastJournal(other)
    assert other.read_bytes() == before
    text = tmp_path / "notes.txt"
    text.write_text("not a database, but long enough to be told from an empty file " * 20)
    with pytest.raises(ForecastError, match=r"notes\.txt cannot be used as a journal"):
        ForecastJournal(text)
    with pytest.raises(ForecastError, match="cannot be written"):
        ForecastJournal(tmp_path)


def test_a_later_version_is_not_touched_and_another_currency_is_refused(tmp_path, ledger):
    path = tmp_path / "journal.sqlite"
    with ForecastJournal(path) as journal:
        journal.record(small())
        euros = ledger_of([("2024-03-31 1", "C001", "2024-01-01", "2024-04-02", 100, None, None)])
        object.__setattr__(euros, "currency", "EUR")
        with pytest.raises(ForecastError, match="'GBP', the ledger is in 'EUR'"):
            journal.score(euros)
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(ForecastError, match="later version"):
        ForecastJournal(path)


def test_an_empty_journal_has_nothing_to_say(journal, ledger):
    assert journal.forecasts.empty
    assert journal.score(ledger).empty
    assert journal.outcomes(ledger) == {}
    assert journal.drift(ledger).sentence.startswith("No forecast is old enough")
