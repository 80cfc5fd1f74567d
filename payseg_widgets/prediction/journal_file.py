"""The file of a forecast journal: its tables, and rows in and out of them.

SQLite with a write-ahead log: each write is one transaction, readers do not wait for writers, a process that is killed leaves
whole rows only.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pandas as pd

from payseg_widgets._transaction import transaction
from payseg_widgets.errors import ForecastError
from payseg_widgets.prediction.outcomes import FORECAST_COLUMNS, WEEK_COLUMNS

VERSION = 1
_APPLICATION = 0x70617966  # "payf": tells this file from other SQLite files
#: What is kept of a forecast as a whole.
ABOUT = (
    "contents", "as_of", "currency", "n_invoices", "balance_minor", "common", "own", "model", "ledger", "recorded_at",
)  # fmt: skip
_FACTS = ("state", "paid_on", "overdue_on", "known_until")
_DAYS = (
    "as_of",
    "week",
    "due_on",
    "paid_q10",
    "paid_q50",
    "paid_q90",
    "paid_on",
    "overdue_on",
    "known_until",
)

_TABLES = f"""
CREATE TABLE forecasts (forecast INTEGER PRIMARY KEY, contents TEXT NOT NULL UNIQUE, {", ".join(ABOUT[1:])});
CREATE TABLE invoices (
    forecast INTEGER NOT NULL, invoice_id TEXT NOT NULL, {", ".join(FORECAST_COLUMNS)}, PRIMARY KEY (forecast, invoice_id)
) WITHOUT ROWID;
CREATE TABLE weeks (
    forecast INTEGER NOT NULL, week TEXT NOT NULL, {", ".join(WEEK_COLUMNS)}, came_minor INTEGER,
    PRIMARY KEY (forecast, week)
) WITHOUT ROWID;
CREATE TABLE facts (invoice_id TEXT PRIMARY KEY, {", ".join(_FACTS)}) WITHOUT ROWID;
"""


class JournalFile:
    """Forecasts and facts as rows.

    Parameters
    ----------
    path : path
        Made where it does not exist, readable by its owner alone.

    Raises
    ------
    ForecastError
        If the file cannot be used, is none of ours, or of a later version.
    """

    def __init__(self, path: str | Path) -> None:
        self.path, self._lock = Path(path), threading.RLock()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise ForecastError(
                f"{self.path.name} cannot be written: {error.strerror}. Name another file."
            ) from None
        # a widget may record in a thread and be read in the notebook's: one connection, one lock
        self._db = sqlite3.connect(self.path, timeout=30.0, isolation_level=None, check_same_thread=False)
        try:
            self._open()
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise ForecastError(
                f"{self.path.name} cannot be used as a journal: {error}. Name another file, or remove this one."
            ) from None
        except BaseException:
            self._db.close()
            raise

    def _open(self) -> None:
        if not self._is_empty() and self._pragma("application_id") != _APPLICATION:
            raise ForecastError(f"{self.path.name} is a database of something else; name another file.")
        version = self._pragma("user_version")
        if version > VERSION:
            raise ForecastError(
                f"{self.path.name} was written by a later version ({version}, known here is {VERSION}); update payseg-widgets."
            )
        self._db.execute("PRAGMA journal_mode = WAL")
        with self.transaction() as db:
            if self._is_empty():  # still, now that no other process can write
                for statement in _TABLES.split(";"):
                    db.execute(statement)
                db.execute(f"PRAGMA application_id = {_APPLICATION}")
                db.execute(f"PRAGMA user_version = {VERSION}")

    def _is_empty(self) -> bool:
        return self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0

    def _pragma(self, name: str) -> int:
        return int(self._db.execute(f"PRAGMA {name}").fetchone()[0])

    def transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        """Write all or nothing, nobody else writing."""
        return transaction(self._db, self._lock)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def add(self, about: Mapping[str, Any], invoices: pd.DataFrame, weeks: pd.DataFrame) -> int:
        """Write a forecast, unless one of the same contents is there; return its number."""
        with self.transaction() as db:
            found = db.execute(
                "SELECT forecast FROM forecasts WHERE contents = ?", (about["contents"],)
            ).fetchone()
            if found:
                return int(found[0])
            number = db.execute(
                f"INSERT INTO forecasts ({', '.join(ABOUT)}) VALUES ({_marks(ABOUT)})",  # noqa: S608
                [about[name] for name in ABOUT],
            ).lastrowid
            for name, key, table in (("invoices", "invoice_id", invoices), ("weeks", "week", weeks)):
                columns = ("forecast", key, *table.columns)
                db.executemany(
                    f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({_marks(columns)})",  # noqa: S608
                    [(number, *row) for row in _rows(table)],
                )
        assert number is not None  # noqa: S101  a row was inserted
        return number

    def forecasts(self) -> pd.DataFrame:
        """Return `ABOUT` by number, in the order of their days, then as recorded."""
        return self._read("SELECT * FROM forecasts ORDER BY as_of, forecast").set_index("forecast")

    def told(self, number: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the invoices and the weeks of a forecast; these with the cash that came, as far as it was written."""
        invoices, weeks = (
            self._read(f"SELECT * FROM {name} WHERE forecast = ?", number).drop(columns="forecast")  # noqa: S608
            for name in ("invoices", "weeks")
        )
        return invoices.set_index("invoice_id"), weeks.set_index("week").astype({"came_minor": "Int64"})

    def write_facts(self, facts: pd.DataFrame) -> None:
        """Write what is known of invoices, in place of what was known before."""
        names = ("invoice_id", *_FACTS)
        changes = ", ".join(f"{name} = excluded.{name}" for name in _FACTS)
        with self.transaction() as db:
            db.executemany(
                f"INSERT INTO facts ({', '.join(names)}) VALUES ({_marks(names)}) "  # noqa: S608
                f"ON CONFLICT DO UPDATE SET {changes} WHERE excluded.known_until >= known_until",
                _rows(facts[list(_FACTS)]),
            )

    def facts(self, day: pd.Timestamp) -> pd.DataFrame:
        """Return what was known of invoices by a day, index ``invoice_id``."""
        return self._read("SELECT * FROM facts WHERE known_until <= ?", f"{day:%Y-%m-%d}").set_index(
            "invoice_id"
        )

    def write_came(self, number: int, came: pd.Series) -> None:
        """Write the cash that came in weeks of a forecast."""
        rows = [(int(money), number, f"{week:%Y-%m-%d}") for week, money in came.items()]
        with self.transaction() as db:
            db.executemany("UPDATE weeks SET came_minor = ? WHERE forecast = ? AND week = ?", rows)

    def _read(self, query: str, *values: Any) -> pd.DataFrame:
        with self._lock:
            found = self._db.execute(query, values)
            table = pd.DataFrame(found.fetchall(), columns=[column[0] for column in found.description])
        return table.assign(
            **{name: pd.to_datetime(table[name]).astype("datetime64[s]") for name in _DAYS if name in table}
        )


def _marks(values: Any) -> str:
    return ", ".join("?" * len(values))


def _rows(table: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Return rows with their index, days as text, missing values as NULL."""
    whole = table.reset_index()
    for name in whole.columns[[pd.api.types.is_datetime64_any_dtype(kind) for kind in whole.dtypes]]:
        whole[name] = whole[name].dt.strftime("%Y-%m-%d")
    whole = whole.astype(object)
    return list(whole.where(whole.notna(), None).itertuples(index=False, name=None))
