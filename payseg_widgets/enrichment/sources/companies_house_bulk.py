"""The register's monthly bulk file: no request is made, and no customer's name leaves the machine."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from payseg_widgets._cancel import CancelSignal
from payseg_widgets.enrichment.bulk import bulk_to_parquet, month_of
from payseg_widgets.enrichment.company import Company, CustomerRecord
from payseg_widgets.enrichment.matcher import Matcher
from payseg_widgets.enrichment.name_index import NameIndex
from payseg_widgets.enrichment.register import COMPANIES_FILE, Register
from payseg_widgets.enrichment.source import OnAnswer, Tell
from payseg_widgets.errors import EnrichmentError

#: Customers matched between two looks at whether to stop, a second or two; their records are read from the file at once.
_AT_ONCE = 500
_STAMP = "source.json"


class BulkRegister:
    """A register on this machine, asked by name.

    Parameters
    ----------
    register : Register
    as_of : datetime.date, optional
        The day the register is of.
    accept_precision : float
        Share of the customers matched without review that shall be right.
    tell, cancel : optional
        See `NameIndex`, which is made here if there is none yet.
    """

    name, label, batch = "companies_house_bulk", "Companies House, bulk file", 2_000

    def __init__(
        self,
        register: Register,
        *,
        as_of: date | None = None,
        accept_precision: float = 0.995,
        tell: Tell = lambda _what, _done, _total: None,
        cancel: CancelSignal | None = None,
    ) -> None:
        self.register, self.as_of = register, as_of
        self._index = NameIndex(register, tell=tell, cancel=cancel)
        self._matcher = Matcher(self.name, answered_on=as_of, accept_precision=accept_precision)
        self.accept_from = self._matcher.accept_from

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        accept_precision: float = 0.995,
        tell: Tell = lambda _what, _done, _total: None,
        cancel: CancelSignal | None = None,
    ) -> BulkRegister:
        """Open a bulk file, CSV or ZIP, or the folder or Parquet file that was made of one.

        What is made of a bulk file is kept in a folder beside it, named ``<file>.register``, and made anew when the file
        changes.
        """
        path = Path(path)
        options: dict[str, Any] = {"accept_precision": accept_precision, "tell": tell, "cancel": cancel}
        if path.is_dir() or path.suffix == ".parquet":
            return cls(Register(path), as_of=_day_of(path), **options)
        if not path.is_file():
            raise EnrichmentError(
                f"There is no file {path.name!r}; give the register's bulk file, CSV or ZIP."
            )
        folder = path.with_name(f"{path.name}.register")
        stat = path.stat()
        stamp = {"file": path.name, "bytes": stat.st_size, "written": stat.st_mtime_ns}
        if not (folder / _STAMP).is_file() or _stamp_of(folder) != stamp:
            tell("reading the register", 0, 1)
            folder.mkdir(exist_ok=True)
            (folder / _STAMP).unlink(missing_ok=True)
            bulk_to_parquet(path, folder / COMPANIES_FILE)
            (folder / _STAMP).write_text(json.dumps(stamp), encoding="utf-8")
        return cls(Register(folder), as_of=month_of(path), **options)

    def look_up(
        self,
        customers: Sequence[CustomerRecord],
        on_answer: OnAnswer,
        *,
        tell: Tell,
        cancel: CancelSignal | None,
        pause: CancelSignal | None,
        n_after: int,
    ) -> None:
        """Answer for each customer; see `Source`."""
        for start in range(0, len(customers), _AT_ONCE):
            while pause is not None and pause.is_set() and not (cancel is not None and cancel.is_set()):
                time.sleep(0.05)
            if cancel is not None and cancel.is_set():
                return
            some = customers[start : start + _AT_ONCE]
            for customer, answer in self._matcher.from_register(some, self._index):
                on_answer(customer, answer)
            tell("matching names", start + len(some), len(customers))

    def company(self, number: str) -> Company | None:
        """Return the company of that number, ``None`` where there is none."""
        return self.register.company(number)

    def __repr__(self) -> str:
        return f"BulkRegister({self.register!r}, as_of={self.as_of})"


def _stamp_of(folder: Path) -> dict[str, object]:
    return dict(json.loads((folder / _STAMP).read_text(encoding="utf-8")))


def _day_of(path: Path) -> date | None:
    stamp = path / _STAMP
    return month_of(_stamp_of(path)["file"]) if stamp.is_file() else None  # type: ignore[arg-type]
