"""What was found for each customer and what people decided, in one SQLite file that outlives the process.

Each answer is written when it comes, in a transaction of its own: whoever is killed loses the requests in flight and
nothing else. Several processes may share a file: a customer is *claimed* before it is asked for, and the claim of a
process that is gone lapses.

The file holds what the register says of the customers, so it is as confidential as the ledger; it holds no key.
"""

from __future__ import annotations

import hashlib
import os
import socket
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType

from payseg_widgets._transaction import transaction
from payseg_widgets.enrichment.answer import (
    STATES,
    Answer,
    candidates_from_json,
    candidates_to_json,
    company_from_json,
    company_to_json,
)
from payseg_widgets.enrichment.company import Company, CustomerRecord
from payseg_widgets.errors import EnrichmentError

VERSION = 1
_APPLICATION = 0x70617965  # "paye": tells this file from other SQLite files
#: A claim lapses after so long; longer than any single request may take, with its retries.
CLAIM_SECONDS = 600.0
_SECONDS_A_DAY = 86_400.0
ACCEPTED, SKIPPED = "accepted", "skipped"
#: What a reviewer can say of a customer: ``"accepted"`` names a company; ``"skipped"`` leaves the question open.
CHOICES = (ACCEPTED, "not a company", "no match", SKIPPED)

_TABLES = """
CREATE TABLE answers (
    customer_id TEXT NOT NULL, source TEXT NOT NULL, fingerprint TEXT NOT NULL, state TEXT NOT NULL,
    reason TEXT NOT NULL, candidates TEXT NOT NULL, answered_on TEXT, written_at REAL NOT NULL,
    PRIMARY KEY (customer_id, source)
) WITHOUT ROWID;
CREATE TABLE claims (
    customer_id TEXT NOT NULL, source TEXT NOT NULL, owner TEXT NOT NULL, until REAL NOT NULL,
    PRIMARY KEY (customer_id, source)
) WITHOUT ROWID;
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY, customer_id TEXT NOT NULL, fingerprint TEXT NOT NULL, choice TEXT NOT NULL,
    company TEXT NOT NULL, who TEXT NOT NULL, decided_at REAL NOT NULL, undone_at REAL
);
"""


@dataclass(frozen=True, repr=False)
class Decision:
    """What somebody said of a customer.

    Attributes
    ----------
    customer_id : str
    choice : str
        One of `CHOICES`.
    company : Company or None
        The one accepted.
    who : str
    decided_at : float
        Seconds since 1970.
    """

    customer_id: str
    choice: str
    company: Company | None
    who: str
    decided_at: float

    def __repr__(self) -> str:
        return f"Decision(choice={self.choice!r})"


class Journal:
    """Answers and decisions in a file, or in memory where no path is given.

    Parameters
    ----------
    path : path, optional
        Made where it does not exist, readable by its owner alone.
    clock : callable
        Seconds since 1970.

    Raises
    ------
    EnrichmentError
        If the file is none of ours, or of a later version.
    """

    def __init__(self, path: str | Path | None = None, *, clock: Callable[[], float] = time.time) -> None:
        self.path = None if path is None else Path(path)
        self._clock, self._lock = clock, threading.RLock()
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex}"
        if self.path is not None and not self.path.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        # answers come from the thread of the requests and are read in the notebook's: one connection, one lock
        self._db = sqlite3.connect(
            self.path or ":memory:", timeout=30.0, isolation_level=None, check_same_thread=False
        )
        try:
            self._open()
        except BaseException:
            self._db.close()
            raise

    def _open(self) -> None:
        try:
            self._db.execute("PRAGMA journal_mode = WAL")
            with self._transaction() as db:
                kind, version = _pragma(db, "application_id"), _pragma(db, "user_version")
                is_empty = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
                if kind == 0 and is_empty:
                    for statement in _TABLES.split(";"):
                        db.execute(statement)
                    db.execute(f"PRAGMA application_id = {_APPLICATION}")
                    db.execute(f"PRAGMA user_version = {VERSION}")
                    kind, version = _APPLICATION, VERSION
        except sqlite3.DatabaseError as error:
            raise EnrichmentError(
                f"{self._shown} cannot be used as a journal: {error}. Name another file, or remove this one."
            ) from None
        if kind != _APPLICATION:
            raise EnrichmentError(f"{self._shown} is a database of something else; name another file.")
        if version > VERSION:
            raise EnrichmentError(
                f"{self._shown} was written by a later version ({version}, known here is {VERSION}); update payseg-widgets."
            )

    @property
    def _shown(self) -> str:
        return "the journal in memory" if self.path is None else self.path.name

    def _transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        return transaction(self._db, self._lock)

    def close(self) -> None:
        """Give back what was claimed and close the file."""
        with self._lock:
            self._db.execute("DELETE FROM claims WHERE owner = ?", (self._owner,))
            self._db.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def due(
        self,
        customers: Sequence[CustomerRecord],
        source: str,
        *,
        max_age_days: float,
        retry_failed: bool = False,
    ) -> list[CustomerRecord]:
        """Return the customers still to be asked for, in their order.

        A customer is due that was never answered, whose name, address or numbers in the ledger have changed since, or whose
        answer is older than ``max_age_days``; with ``retry_failed`` also one whose search failed.
        """
        oldest = self._clock() - max_age_days * _SECONDS_A_DAY
        with self._lock:
            rows = self._db.execute(
                "SELECT customer_id, fingerprint, state, written_at FROM answers WHERE source = ?", (source,)
            ).fetchall()
        fresh = {
            customer_id: fingerprint
            for customer_id, fingerprint, state, written_at in rows
            if written_at >= oldest and not (retry_failed and state == "failed")
        }
        return [c for c in customers if fresh.get(c.customer_id) != fingerprint_of(c)]

    def claim(self, customers: Iterable[CustomerRecord], source: str) -> list[CustomerRecord]:
        """Claim customers for this process; return those that nobody else has claimed."""
        now, claimed = self._clock(), []
        with self._transaction() as db:
            for customer in customers:
                key = (customer.customer_id, source)
                held = db.execute(
                    "SELECT owner, until FROM claims WHERE customer_id = ? AND source = ?", key
                ).fetchone()
                if held and held[0] != self._owner and held[1] > now and not _is_gone(held[0]):
                    continue
                db.execute(
                    "INSERT OR REPLACE INTO claims VALUES (?, ?, ?, ?)",
                    (*key, self._owner, now + CLAIM_SECONDS),
                )
                claimed.append(customer)
        return claimed

    def write(self, customer: CustomerRecord, answer: Answer) -> None:
        """Keep an answer, in place of an earlier one of the same source, and end the claim."""
        day = None if answer.answered_on is None else answer.answered_on.isoformat()
        with self._transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    customer.customer_id, answer.source, fingerprint_of(customer), answer.state, answer.reason,
                    candidates_to_json(answer.candidates), day, self._clock(),
                ),
            )  # fmt: skip
            db.execute(
                "DELETE FROM claims WHERE customer_id = ? AND source = ?",
                (customer.customer_id, answer.source),
            )

    def release(self, source: str) -> None:
        """Give back what this process has claimed and not answered."""
        with self._transaction() as db:
            db.execute("DELETE FROM claims WHERE source = ? AND owner = ?", (source, self._owner))

    def answers(self, source: str) -> dict[str, Answer]:
        """Return the answers of a source by customer id."""
        with self._lock:
            rows = self._db.execute(
                "SELECT customer_id, state, reason, candidates, answered_on FROM answers WHERE source = ? ORDER BY customer_id",
                (source,),
            ).fetchall()
        return {
            customer_id: Answer(
                customer_id, state, reason, candidates_from_json(candidates), source,
                None if day is None else date.fromisoformat(day),
            )
            for customer_id, state, reason, candidates, day in rows
        }  # fmt: skip

    def counts(self, source: str) -> dict[str, int]:
        """Return how many customers are in each of `STATES`."""
        with self._lock:
            rows = self._db.execute(
                "SELECT state, count(*) FROM answers WHERE source = ? GROUP BY state", (source,)
            ).fetchall()
        return {state: dict(rows).get(state, 0) for state in STATES}

    def decide(
        self, customer: CustomerRecord, choice: str, company: Company | None = None, *, who: str
    ) -> None:
        """Keep what somebody decided of a customer; an earlier decision of the same customer is kept as history."""
        if choice not in CHOICES:
            raise EnrichmentError(f"choice={choice!r} is none of: {', '.join(CHOICES)}.")
        if (choice == ACCEPTED) != (company is not None):
            raise EnrichmentError(
                f"choice={choice!r} with company={company!r}: a company goes with 'accepted' only."
            )
        with self._transaction() as db:
            db.execute(
                "INSERT INTO decisions (customer_id, fingerprint, choice, company, who, decided_at) VALUES (?, ?, ?, ?, ?, ?)",
                (
                    customer.customer_id,
                    fingerprint_of(customer),
                    choice,
                    company_to_json(company),
                    who,
                    self._clock(),
                ),
            )

    def undo(self, *, who: str | None = None) -> str | None:
        """Take back the latest decision that still stands, of this person where one is named.

        Returns its customer, ``None`` where there is none.
        """
        with self._transaction() as db:
            found = db.execute(
                "SELECT id, customer_id FROM decisions WHERE undone_at IS NULL AND (? IS NULL OR who = ?) "
                "ORDER BY id DESC LIMIT 1",
                (who, who),
            ).fetchone()
            if found is None:
                return None
            db.execute("UPDATE decisions SET undone_at = ? WHERE id = ?", (self._clock(), found[0]))
        return str(found[1])

    def decisions(self, customers: Iterable[CustomerRecord] | None = None) -> dict[str, Decision]:
        """Return the decision that stands for each customer.

        With ``customers``, only decisions on them as the ledger has them now: who is written differently since is asked for
        again.
        """
        with self._lock:
            rows = self._db.execute(
                "SELECT customer_id, fingerprint, choice, company, who, decided_at FROM decisions "
                "WHERE undone_at IS NULL ORDER BY id"
            ).fetchall()
        now = None if customers is None else {c.customer_id: fingerprint_of(c) for c in customers}
        return {
            customer_id: Decision(customer_id, choice, company_from_json(company), who, decided_at)
            for customer_id, fingerprint, choice, company, who, decided_at in rows
            if now is None or now.get(customer_id) == fingerprint
        }

    def __repr__(self) -> str:
        with self._lock:
            n = self._db.execute("SELECT count(*) FROM answers").fetchone()[0]
        return f"Journal(answers={n})"


def fingerprint_of(customer: CustomerRecord) -> str:
    """Return a hash of what is searched by; it changes when the ledger writes the customer differently."""
    searched = (
        customer.name,
        customer.address,
        customer.postcode,
        customer.company_number,
        customer.vat_number,
    )
    return hashlib.sha256("\x1f".join(searched).encode()).hexdigest()


def _pragma(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])


def _is_gone(owner: str) -> bool:
    """Whether the claiming process ran on this machine and runs no more."""
    host, pid, _ = owner.rsplit(":", 2)
    if host != socket.gethostname() or os.name == "nt":  # there, signal 0 would stop the process
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
