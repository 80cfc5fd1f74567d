"""Customers looked up on a register, doubtful ones decided by keyboard, regions and sectors counted."""

from __future__ import annotations

import getpass
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import traitlets

from payseg_widgets.enrichment.company import Company
from payseg_widgets.enrichment.enrich import MAX_AGE_DAYS
from payseg_widgets.enrichment.enrichment import OFFICE_CAUTION
from payseg_widgets.enrichment.fields import REGISTERED_OFFICE
from payseg_widgets.enrichment.journal import ACCEPTED, SKIPPED, Journal
from payseg_widgets.enrichment.source import Source
from payseg_widgets.errors import EnrichmentError, PaysegError
from payseg_widgets.ledger.export import safe_csv
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.views.enrichment import enrichment_view
from payseg_widgets.views.enrichment_question import company_card, question_card
from payseg_widgets.views.enrichment_rows import COLUMNS, PageAsked, rows_page
from payseg_widgets.views.scripts import JS, joined
from payseg_widgets.views.view import View
from payseg_widgets.widgets.enrichment_code import panel_code
from payseg_widgets.widgets.errands import Errand, Outbox
from payseg_widgets.widgets.look_up import LookUp
from payseg_widgets.widgets.panel import page_script, page_style
from payseg_widgets.widgets.source_choice import CompaniesHouseByKey, KeyedRegister, chosen_source, described

if TYPE_CHECKING:
    from payseg_widgets.enrichment.postcode_directory import PostcodeDirectory

_PAGE = (
    "kernel.js", "run_bar.js", "enrichment_marks.js", "enrichment_queue.js", "enrichment_source.js",
    "enrichment_coverage.js", "enrichment_results.js", "enrichment_card.js", "enrichment_review.js", "enrichment_panel.js",
)  # fmt: skip


class EnrichmentPanel(LookUp):
    """Look customers up on a register, decide the doubtful ones, and see how many are placed.

    Names of customers and companies go to the page when it asks for them and are not in the widget's state, so a saved
    notebook has counts alone.

    Parameters
    ----------
    customers : Ledger or pandas.DataFrame
        See `payseg_widgets.enrichment.records.customer_records`.
    source : Source or path, optional
        A source that is open, or the register's bulk file; without one the ledger alone speaks, until the page or
        ``panel.source = ...`` gives another.
    journal : Journal or path, optional
        Where answers and decisions are kept; in memory, until `close`, without one.
    region_from : {"registered office", "ledger"}
        Whose region is used where both say one.
    who : str, optional
        Whose decisions these are; the name of the system's user where not given.
    register : KeyedRegister, optional
        The register the page can open with a key; Companies House where not given.
    postcode_directory : PostcodeDirectory, optional
        See `PostcodeDirectory.read`; makes the regions of postcodes exact.
    max_age_days : float
        Answers older than this are asked for again.

    Attributes
    ----------
    enrichment : Enrichment
        Renewed after a run, during it, and after each decision; read only.
    counts : dict of str to int
        Customers in each state; read only.
    n_to_review : int
        Doubtful customers nobody has decided on; read only.
    region_from : str
    who : str
    source : Source, path or None
    is_paused, progress, state, message, error
        See `payseg_widgets.widgets.look_up.LookUp` and `payseg_widgets.widgets.running.RunningPanel`.

    Raises
    ------
    EnrichmentError
        If the customers cannot be looked up, as under pseudonyms.
    """

    _esm = (
        joined(JS / "csv.js", JS / "words.js")
        + "\n"
        + page_script(*_PAGE)
        + "\nexport default { render: renderEnrichmentPanel };\n"
    )
    _css = page_style("panel.css", "segmenter.css", "enrichment_panel.css")

    who = traitlets.Unicode()
    n_to_review = traitlets.Int(0, read_only=True).tag(sync=True)
    _learnt = traitlets.Unicode().tag(sync=True)
    _caution = traitlets.Unicode(OFFICE_CAUTION).tag(sync=True)
    _queued: tuple[str, ...] = ()  # customers to be reviewed, as the page has them
    _looked_at: Company | None = None  # the company last asked for by its number

    def __init__(
        self,
        customers: Ledger | pd.DataFrame,
        source: Source | str | Path | None = None,
        *,
        journal: Journal | str | Path | None = None,
        region_from: str = REGISTERED_OFFICE,
        who: str | None = None,
        register: KeyedRegister | None = None,
        postcode_directory: PostcodeDirectory | None = None,
        max_age_days: float = MAX_AGE_DAYS,
        **options: Any,
    ) -> None:
        self._given, self._journal_given = source, journal
        self._register = CompaniesHouseByKey() if register is None else register
        self._asking = threading.Lock()  # one number after the other
        named = who if who is not None else getpass.getuser()
        super().__init__(
            customers, source, journal, region_from=region_from, who=named,
            postcode_directory=postcode_directory, max_age_days=max_age_days, **options,
        )  # fmt: skip
        self._tasks: dict[str, Callable[[dict[str, Any]], None]] = {
            "start": self._start_from_page, "hello": self._greet, "source": self._choose_source, "rows": self._send_rows,
            "question": self._send_question, "decide": self._decide_from_page, "undo": self._undo_from_page,
            "key_found": self._say_where_key_is, "company": self._look_at, "csv": self._send_csv,
        }  # fmt: skip

    # ---- decisions --------------------------------------------------------------------------------------------------

    def accept(self, customer_id: str, number: str | None = None) -> None:
        """Decide that a customer is the company of a number, or the likeliest one that was found.

        Raises
        ------
        EnrichmentError
            If there is no such customer or company.
        SourceError
            If the source, asked for a number that was not among those found, cannot answer.
        """
        self._accept(customer_id, self.review.company(customer_id, number))

    def refuse(self, customer_id: str, choice: str) -> None:
        """Decide that a customer is ``"not a company"`` of this register, or has ``"no match"`` there."""
        self.review.refuse(customer_id, choice, who=self.who)
        self._tell_decided(customer_id)

    def skip(self, customer_id: str) -> None:
        """Leave a customer for later."""
        self.review.skip(customer_id, who=self.who)
        self._tell_decided(customer_id)

    def undo(self) -> str | None:
        """Take back the latest decision of ``who``; return its customer, ``None`` where there is nothing to take back."""
        customer_id = self.review.undo(who=self.who)
        if customer_id in self.review.places:
            self._tell_decided(customer_id, is_undone=True)
        return customer_id

    # ---- taking it away ---------------------------------------------------------------------------------------------

    def decisions_to_csv(self, path: str | Path, *, names: bool = False) -> Path:
        """Write the decisions that stand as CSV that no spreadsheet runs; names and numbers of companies only if asked."""
        return self.review.decisions_to_csv(path, names=names)

    def as_view(self) -> View:
        """Return counts and coverage as a sentence and a table; nobody is named."""
        return enrichment_view(self.enrichment)

    def to_code(self) -> str:
        """Return Python that repeats this, given ``customers`` and whatever else is an object: ``source``, ``journal`` and alike.

        Decisions are in the journal where that is a file; otherwise they are written out, with ids and numbers.
        """
        decided = self.review.decisions_table(names=True) if self._journal_given is None else None
        given = {
            "source": self._source, "journal": self._journal_given, "region_from": self.region_from,
            "postcode_directory": self._directory, "max_age_days": self._max_age_days,
        }  # fmt: skip
        return panel_code(given, decided)

    def __repr__(self) -> str:
        counts = ", ".join(f"{state}: {n}" for state, n in self.counts.items())
        return f"EnrichmentPanel(customers={len(self.enrichment)}; {counts}; {self.state})"[:110]

    # ---- what the page asks for -------------------------------------------------------------------------------------

    def _heard(self, widget: Any, message: dict[str, Any], buffers: Any) -> None:
        kind = message.get("kind")
        if kind in ("pause", "resume"):
            (self.pause if kind == "pause" else self.resume)()
        elif kind in self._tasks:
            try:
                self._tasks[str(kind)](message)
            except PaysegError as error:
                self._reply(message, "refused", text=str(error))
        else:
            super()._heard(widget, message, buffers)

    def _reply(self, message: dict[str, Any], kind: str, **content: Any) -> None:
        """Answer the view that asked; the others pass it over."""
        self.send({"kind": kind, "to": message.get("view"), **content})

    def _greet(self, message: dict[str, Any]) -> None:
        self._reply(
            message, "hello", who=self.who, source=described(self._source, self._register, self._given),
            columns=[list(column) for column in COLUMNS], queue=self._queue(),
        )  # fmt: skip

    def _choose_source(self, message: dict[str, Any]) -> None:
        if self.state == "running":
            raise EnrichmentError(
                "Customers are being looked up; cancel that before you choose another source."
            )
        self.source = chosen_source(message, self._register, self._given)
        told = described(self._source, self._register, self._given)
        self.send({"kind": "source", "source": told, "queue": self._queue()})

    def _say_where_key_is(self, message: dict[str, Any]) -> None:
        self._reply(message, "key_found", found=self._register.key_found())

    def _start_from_page(self, message: dict[str, Any]) -> None:
        self.start(retry_failed=bool(message.get("retry")))

    def _send_rows(self, message: dict[str, Any]) -> None:
        asked = PageAsked.from_message(message)
        self._reply(message, "rows", **rows_page(self.enrichment, self.review.records, asked))

    def _send_question(self, message: dict[str, Any]) -> None:
        customer_id = self._customer(message)
        card = question_card(self.review.question(customer_id))
        self._reply(message, "question", at=self.review.places[customer_id], **card)

    def _decide_from_page(self, message: dict[str, Any]) -> None:
        customer_id, choice = self._customer(message), message.get("choice")
        if choice == ACCEPTED:
            number = str(message.get("number", ""))
            looked_at = self._looked_at if self._looked_at and self._looked_at.number == number else None
            self._accept(customer_id, looked_at or self.review.company(customer_id, number))
        elif choice == SKIPPED:
            self.skip(customer_id)
        else:
            self.refuse(customer_id, str(choice))

    def _undo_from_page(self, message: dict[str, Any]) -> None:
        undone = self.undo()
        if undone is None:
            self._reply(message, "refused", text="There is nothing to undo.")
        elif undone not in self.review.places:
            self._reply(
                message, "refused", text="Undone: a decision on a customer who is not in this ledger."
            )

    def _look_at(self, message: dict[str, Any]) -> None:
        """Ask the source for a company by its number, in a thread: it may take a while."""
        customer_id, number, outbox = self._customer(message), str(message.get("number", "")), Outbox()

        def ask(_errand: Errand) -> None:
            try:
                found = self.review.company(customer_id, number)
            except Exception as error:  # noqa: BLE001  told in the page
                said = (
                    str(error) if isinstance(error, PaysegError) else f"Broken off by {type(error).__name__}."
                )
                outbox.post(lambda: self._reply(message, "company", company=None, text=said))
            else:
                outbox.post(lambda: self._show_company(message, found))

        Errand(ask, turn=self._asking).begin()

    def _show_company(self, message: dict[str, Any], company: Company) -> None:
        self._looked_at = company
        self._reply(message, "company", company=company_card(company), text="")

    def _send_csv(self, message: dict[str, Any]) -> None:
        names = bool(message.get("names"))
        if message.get("what") == "decisions":
            name, text = "decisions.csv", safe_csv(self.review.decisions_table(names=names))
        else:
            name, text = "enrichment.csv", self.enrichment.csv_text(names=names)
        self._reply(message, "csv", name=name, text=text)

    # ---- keeping the page up ----------------------------------------------------------------------------------------

    def _accept(self, customer_id: str, company: Company) -> None:
        self.review.accept(customer_id, company, who=self.who)
        self._tell_decided(customer_id)

    def _tell_decided(self, customer_id: str, *, is_undone: bool = False) -> None:
        decision = self.review.question(customer_id).decision
        self._renewed()
        self.send({
            "kind": "decided", "at": self.review.places[customer_id], "choice": decision.choice if decision else "",
            "undone": is_undone,
        })  # fmt: skip

    def _renewed(self) -> None:
        super()._renewed()
        self.set_trait("n_to_review", self.review.n_left)
        self._learnt = self.review.learnt
        queue = tuple(self.review.queue())
        if queue != self._queued:
            self._queued = queue
            self.send({"kind": "queue", "queue": self._queue()})

    def _queue(self) -> list[list[Any]]:
        decided = self.review.decisions
        return [
            [self.review.places[name], decided[name].choice if name in decided else ""]
            for name in self._queued
        ]

    def _customer(self, message: dict[str, Any]) -> str:
        at = message.get("at")
        if not isinstance(at, int) or not 0 <= at < len(self.review.records):
            raise EnrichmentError(f"at={str(at)[:20]!r} is no customer of this ledger.")
        return self.review.records[at].customer_id

    @traitlets.validate("who")
    def _named(self, proposal: Any) -> str:
        if not proposal["value"].strip():
            raise EnrichmentError(f"who={proposal['value']!r} names nobody; decisions are kept under a name.")
        return str(proposal["value"])
