"""Find out who the customers are: look them up, remember every answer, and put the sources side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from payseg_widgets import __version__
from payseg_widgets._cancel import CancelSignal
from payseg_widgets.enrichment.answer import Answer
from payseg_widgets.enrichment.assembly import assembled
from payseg_widgets.enrichment.company import CustomerRecord
from payseg_widgets.enrichment.enrichment import Enrichment
from payseg_widgets.enrichment.journal import Journal
from payseg_widgets.enrichment.recalibration import recalibrated, settled
from payseg_widgets.enrichment.records import customer_records
from payseg_widgets.enrichment.source import Source, Tell
from payseg_widgets.enrichment.sources import open_source
from payseg_widgets.errors import Cancelled, EnrichmentError, SourceError
from payseg_widgets.ledger.schema import Ledger

if TYPE_CHECKING:
    from payseg_widgets.enrichment.postcode_directory import PostcodeDirectory

MAX_AGE_DAYS = 90.0
REGION_FROM = ("registered office", "ledger")


def enrich(
    customers: Ledger | pd.DataFrame,
    source: Source | str | Path | None = None,
    *,
    journal: Journal | str | Path | None = None,
    region_from: str = "registered office",
    postcode_directory: PostcodeDirectory | None = None,
    as_of: str | date | pd.Timestamp | None = None,
    max_age_days: float = MAX_AGE_DAYS,
    retry_failed: bool = False,
    on_answer: Callable[[Answer], None] | None = None,
    progress: Tell | None = None,
    cancel: CancelSignal | None = None,
    pause: CancelSignal | None = None,
) -> Enrichment:
    """Look customers up on a register and tell region, sector and age of each, with source, date and probability.

    Parameters
    ----------
    customers : Ledger or pandas.DataFrame
        See `customer_records`.
    source : Source or path, optional
        A source that is open, or the register's bulk file (CSV, ZIP), which is indexed beside it once. Without one only
        what the ledger itself says is read.
    journal : Journal or path, optional
        Where answers and decisions are kept. Whoever was answered is not asked for again; a run that was stopped goes on
        where it was. Decisions on doubtful customers recalibrate the probabilities of those still open. Without a journal
        answers are kept in memory, for this call only.
    region_from : {"registered office", "ledger"}
        Whose region is used where both say one; each is in ``fields`` all the same.
    postcode_directory : PostcodeDirectory, optional
        See `PostcodeDirectory.read`; makes the regions of postcodes exact.
    as_of : date, optional
        For ages; the ledger's day, else today.
    max_age_days : float
        Answers older than this are asked for again.
    retry_failed : bool
        Whether customers whose search failed are asked for again at once.
    on_answer : callable, optional
        Called with each `Answer` once it is kept, from whichever thread knows it.
    progress : callable, optional
        Called as ``progress(what, done, total)``.
    cancel, pause : object with ``is_set()``, optional
        To stop; to begin no further customer for as long as it is set.

    Returns
    -------
    Enrichment

    Raises
    ------
    EnrichmentError
        If the customers cannot be looked up, or an option makes no sense.
    SourceError
        If the source can answer no more; ``finished`` is the `Enrichment` so far, and a journal in a file has it too.
    Cancelled
        If ``cancel`` was set; ``finished`` as above.
    """
    if region_from not in REGION_FROM:
        raise EnrichmentError(f"region_from={region_from!r} is none of: {', '.join(REGION_FROM)}.")
    if not max_age_days > 0:
        raise EnrichmentError(f"max_age_days={max_age_days} must be above 0.")
    records = customer_records(customers)
    table = customers.customers if isinstance(customers, Ledger) else customers
    day = _day_of(customers, as_of)
    tell = progress or (lambda _what, _done, _total: None)
    opened: Source | None = None
    book = journal if isinstance(journal, Journal) else Journal(journal)

    def so_far(*notes: str) -> Enrichment:
        answers = {} if opened is None else book.answers(opened.name)
        decisions = book.decisions(records)
        by = recalibrated(answers, decisions)
        sure = {} if opened is None else settled(answers, decisions, by, opened.accept_from)
        learnt = by.sentence(len(sure))
        return assembled(
            table, records, answers | sure, decisions, opened,
            as_of=day, region_from=region_from, postcode_directory=postcode_directory,
            notes=(*notes, learnt) if learnt else notes,
            provenance={"source": opened.name if opened else "ledger", "as_of": f"{day:%Y-%m-%d}",
                        "region_from": region_from, "max_age_days": max_age_days, "version": __version__},
        )  # fmt: skip

    try:
        opened = open_source(source, tell=tell, cancel=cancel)
        notes = (
            ()
            if opened is None
            else _ask(records, opened, book, max_age_days, retry_failed, on_answer, tell, cancel, pause)
        )
        return so_far(*notes)
    except Cancelled:
        raise Cancelled(
            f"enrich() was stopped: {_done(book, opened)} Run it again with the same journal to go on.",
            finished=so_far(),
        ) from None
    except SourceError as error:
        error.finished = so_far(str(error))
        raise
    finally:
        if book is not journal:
            book.close()


def _ask(
    records: Sequence[CustomerRecord],
    source: Source,
    book: Journal,
    max_age_days: float,
    retry_failed: bool,
    on_answer: Callable[[Answer], None] | None,
    tell: Tell,
    cancel: CancelSignal | None,
    pause: CancelSignal | None,
) -> tuple[str, ...]:
    """Ask for every customer that is due and that nobody else has claimed; return what is to be noted."""
    due = book.due(records, source.name, max_age_days=max_age_days, retry_failed=retry_failed)
    total, done, elsewhere = len(records), len(records) - len(due), 0

    def keep(customer: CustomerRecord, answer: Answer) -> None:
        book.write(customer, answer)
        if on_answer is not None:
            on_answer(answer)

    try:
        for start in range(0, len(due), source.batch):
            batch = due[start : start + source.batch]
            mine = book.claim(batch, source.name)
            elsewhere += len(batch) - len(mine)
            source.look_up(
                mine, keep, cancel=cancel, pause=pause, tell=_after(done, total, tell),
                n_after=max(0, len(due) - start - source.batch),
            )  # fmt: skip
            if cancel is not None and cancel.is_set():
                raise Cancelled("stopped")
            done += len(mine)
    finally:
        book.release(source.name)
    tell("done", done, total)
    if not elsewhere:
        return ()
    return (
        f"{elsewhere} customers are being asked for by another process that shares the journal; run again for them.",
    )


def _after(done: int, total: int, tell: Tell) -> Tell:
    """Tell of a batch as a part of the whole."""
    return lambda what, n, _of: tell(what, done + n, total)


def _done(book: Journal, source: Source | None) -> str:
    n = sum(book.counts(source.name).values()) if source else 0
    return f"{n} customers are answered."


def _day_of(customers: Ledger | pd.DataFrame, as_of: str | date | pd.Timestamp | None) -> pd.Timestamp:
    if as_of is None:
        as_of = customers.as_of if isinstance(customers, Ledger) else pd.Timestamp.now()
    try:
        return pd.Timestamp(as_of).normalize()
    except ValueError:
        raise EnrichmentError(f"as_of={as_of!r} is no date; write it as 2026-11-30.") from None
