"""Looking customers up from a panel: start, pause, resume, cancel, and every answer shown as it comes."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import traitlets

from payseg_widgets.enrichment.answer import Answer
from payseg_widgets.enrichment.enrich import REGION_FROM, enrich
from payseg_widgets.enrichment.enrichment import Enrichment
from payseg_widgets.enrichment.journal import Journal
from payseg_widgets.enrichment.review import Review
from payseg_widgets.enrichment.source import Source
from payseg_widgets.enrichment.sources import open_source
from payseg_widgets.errors import Cancelled, EnrichmentError, PaysegError, SourceError
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.views.enrichment import BY, coverage_rows, state_counts
from payseg_widgets.widgets.errands import Errand
from payseg_widgets.widgets.gathering import Gathering
from payseg_widgets.widgets.running import RunningPanel

if TYPE_CHECKING:
    from payseg_widgets.enrichment.postcode_directory import PostcodeDirectory

#: Seconds between two messages of a run, and at least between two renewals of what is shown.
TELL_EVERY, RENEW_EVERY = 0.1, 1.0


class LookUp(RunningPanel):
    """A panel that looks customers up in a thread; the kernel computes meanwhile, and so may other panels.

    Subclasses send the page what it asks for. Names never go into the state of the widget, which notebooks keep.

    Attributes
    ----------
    enrichment : Enrichment
        Of the answers and decisions so far; read only.
    counts : dict of str to int
        Customers in each state; read only.
    is_paused : bool
        Read only.
    region_from : {"registered office", "ledger"}
    """

    enrichment = traitlets.Instance(Enrichment, read_only=True)
    counts = traitlets.Dict(read_only=True).tag(sync=True)
    is_paused = traitlets.Bool(False, read_only=True).tag(sync=True)
    region_from = traitlets.Enum(REGION_FROM, REGION_FROM[0]).tag(sync=True, echo_update=False)
    _coverage = traitlets.Dict().tag(sync=True)
    _review: Review | None = None

    def __init__(
        self,
        customers: Ledger | pd.DataFrame,
        source: Source | str | Path | None,
        journal: Any,
        *,
        postcode_directory: PostcodeDirectory | None,
        max_age_days: float,
        **options: Any,
    ) -> None:
        self.customers, self._directory, self._max_age_days = customers, postcode_directory, max_age_days
        self._pause, self._turn = threading.Event(), threading.Lock()
        self._owns_journal = not isinstance(journal, Journal)
        self.journal = Journal(journal) if self._owns_journal else journal
        try:
            super().__init__(**options)
            opened = None if isinstance(source, str | Path) else source
            self._source = source
            self._review = Review(
                customers, self.journal, source=opened, region_from=self.region_from, postcode_directory=postcode_directory
            )  # fmt: skip
        except BaseException:
            self._close_journal()
            raise
        self._renewed()
        self._show("idle", 0.0, self._answered())

    @property
    def source(self) -> Source | str | Path | None:
        """Who is asked: a source, a register's file, or nobody. Setting another shows its answers of before.

        Raises
        ------
        EnrichmentError
            For setting: while customers are looked up.
        """
        return self._source

    @source.setter
    def source(self, source: Source | str | Path | None) -> None:
        if self.state == "running":
            raise EnrichmentError(
                "Customers are being looked up; cancel() that before you choose another source."
            )
        self._source = source
        self.review.read(None if isinstance(source, str | Path) else source)
        self._renewed()
        self._show("idle", 0.0, self._answered())

    @property
    def review(self) -> Review:
        """Answers and decisions so far."""
        assert self._review is not None  # noqa: S101  made at birth
        return self._review

    def start(self, *, retry_failed: bool = False) -> None:
        """Look up everybody who was not answered yet; a run under way goes on instead.

        Parameters
        ----------
        retry_failed : bool
            Whether to ask again for those whose search failed.
        """
        if self.state == "running":
            self.resume()
            return
        self._set_paused(is_paused=False)
        self._begin(lambda errand: self._look_up(errand, retry_failed=retry_failed))

    def pause(self) -> None:
        """Begin no further customer until `resume`."""
        if self.state == "running" and not self.is_paused:
            self._set_paused(is_paused=True)
            self._show("running", self.progress, "Paused. What was asked for is still taken in.")

    def resume(self) -> None:
        """Go on after `pause`."""
        if self.is_paused:
            self._set_paused(is_paused=False)
            self._show("running", self.progress, "Going on.")

    def cancel(self) -> None:
        """Stop; what was found is kept, and `start` goes on from there."""
        if self._errand is None or self.state != "running":
            return
        self._forget()
        self._set_paused(is_paused=False)
        self._show("cancelled", self.progress, f"Cancelled. {self._answered()} Start goes on from there.")

    def wait(self, timeout: float | None = None) -> Enrichment:
        """Wait for the run to end and return the enrichment; raise what made it fail.

        Raises
        ------
        TimeoutError
            If it takes longer; it goes on.
        Cancelled
            If it was cancelled; ``finished`` is the `Enrichment` so far.
        """
        self._wait_for_end(timeout)
        if self.state == "cancelled":
            raise Cancelled(self.message, self.enrichment)
        return self.enrichment

    def close(self) -> None:
        """Stop what runs, take the panel from every page, and close a journal of its own."""
        super().close()
        self._close_journal()

    # ---- in the thread ----------------------------------------------------------------------------------------------

    def _look_up(self, errand: Errand, *, retry_failed: bool) -> None:
        if errand.is_set():
            return  # cancelled while it waited for the run before
        gathering: Gathering[Answer] = Gathering(
            self._outbox, lambda news: self._take(source, news), every=RENEW_EVERY
        )
        source: Source | None = None
        told_at = 0.0

        def tell(what: str, done: int, total: int) -> None:
            nonlocal told_at
            if done >= total or time.monotonic() >= told_at + TELL_EVERY:
                told_at = time.monotonic()
                text = f"{done:,} of {total:,}: {what}."
                self._deliver(errand, lambda: self._tell(done / max(1, total), text))

        try:
            source = open_source(self._source, tell=tell, cancel=errand)
            if source is not None:
                self._deliver(errand, lambda: self._open(source))
            made = enrich(
                self.customers, source, journal=self.journal, region_from=self.region_from, retry_failed=retry_failed,
                postcode_directory=self._directory, max_age_days=self._max_age_days,
                on_answer=gathering.add, progress=tell, cancel=errand, pause=self._pause,
            )  # fmt: skip
        except Cancelled:
            gathering.hand_over()
        except SourceError as error:
            self._deliver(errand, lambda error=error: self._finish(error.finished, error))  # type: ignore[misc]
        except Exception as error:  # noqa: BLE001  shown in the widget, kept, and raised by wait()
            self._deliver(errand, lambda error=error: self._fail(error))  # type: ignore[misc]
        else:
            self._deliver(errand, lambda: self._finish(made))

    # ---- where the widget lives -------------------------------------------------------------------------------------

    def _open(self, source: Source) -> None:
        """Show what a source that has just been opened answered before."""
        if self.review.source is not source:
            self.review.read(source)
            self._renewed()

    def _take(self, source: Source | None, answers: list[Answer]) -> None:
        """Take in what a run found, also one that was cancelled; not once another source was chosen."""
        if self.comm is not None and self.review.source is source:
            self.review.take(answers)
            self._renewed()

    def _tell(self, share: float, text: str) -> None:
        self._show("running", share, self.message if self.is_paused else text)

    def _finish(self, made: Enrichment | None, error: SourceError | None = None) -> None:
        if made is not None:
            self.review.adopt(made)
            self._renewed()
        if error is not None:
            self._fail(error)
            return
        notes = " ".join(self.enrichment.notes)
        self._show("idle", 1.0, f"{self._answered()} {notes}".strip())

    def _fail(self, error: Exception) -> None:
        """Say what went wrong; words that are not ours may quote a customer, so they are not kept in the state."""
        if isinstance(error, PaysegError):
            super()._fail(error)
            return
        self.error = error
        said = f"Broken off by {type(error).__name__}; wait() raises it. What was found is kept."
        self._show("failed", 0.0, said)

    def _answered(self) -> str:
        n = len(self.review.answers)
        return f"{n:,} of {len(self.review.records):,} customers are answered."

    def _renewed(self) -> None:
        """Tell everybody of the review's enrichment."""
        made = self.review.enrichment
        self.set_trait("counts", state_counts(made))
        self._coverage = {by: coverage_rows(made, by) for by in BY}
        self.set_trait("enrichment", made)

    @traitlets.observe("region_from")
    def _choose_region(self, change: Any) -> None:
        if self._review is not None:
            self.review.read(self.review.source, region_from=change["new"])
            self._renewed()

    def _set_paused(self, *, is_paused: bool) -> None:
        (self._pause.set if is_paused else self._pause.clear)()
        self.set_trait("is_paused", is_paused)

    def _close_journal(self) -> None:
        """Close a journal of our own, once the thread that writes to it has ended."""
        if (
            self._owns_journal and not sys.is_finalizing()
        ):  # then no thread starts, and the claims of who is gone lapse
            self._owns_journal = False
            Errand(lambda _errand: self.journal.close(), turn=self._turn).begin()
