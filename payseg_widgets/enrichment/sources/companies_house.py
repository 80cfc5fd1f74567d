"""Companies House over its API: asked in a thread of its own, so that a busy notebook loses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from types import TracebackType
from typing import Self

from payseg_widgets._cancel import CancelSignal
from payseg_widgets.enrichment.answer import Answer
from payseg_widgets.enrichment.client.api import BASE_URL, CompaniesHouse
from payseg_widgets.enrichment.client.batch import BatchControl, LookUpProgress, look_up_all
from payseg_widgets.enrichment.client.governor import Governor
from payseg_widgets.enrichment.client.key import Key, find_key
from payseg_widgets.enrichment.client.loop import submit
from payseg_widgets.enrichment.company import Company, CustomerRecord
from payseg_widgets.enrichment.matcher import Matcher
from payseg_widgets.enrichment.scorer import shipped_scorer
from payseg_widgets.enrichment.source import OnAnswer, Tell

#: Seconds between two looks at whether to stop or to pause.
_LOOK = 0.05


class ApiRegister:
    """Companies House, asked customer by customer under its quota.

    Parameters
    ----------
    key : str or Key, optional
        Else from the environment or the keyring: `payseg_widgets.enrichment.client.key.find_key`.
    base_url : str
        Another server, as one of `payseg_widgets.enrichment.testing`.
    concurrency : int
        Customers looked up at a time.
    accept_precision : float
        Share of the customers matched without review that shall be right.

    Raises
    ------
    EnrichmentError
        If there is no key.
    """

    name, batch = "companies_house", 500

    def __init__(
        self,
        key: str | Key | None = None,
        *,
        base_url: str = BASE_URL,
        concurrency: int = 8,
        accept_precision: float = 0.995,
    ) -> None:
        self._key, self._base_url, self._concurrency = find_key(key), base_url, concurrency
        self._accept_precision = accept_precision
        self.accept_from = shipped_scorer().accept_from(accept_precision)
        is_real = base_url == BASE_URL
        self.label = "Companies House, API" if is_real else "A test register, not Companies House"
        self._governor = Governor()  # one for all batches: they share the quota

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
        if cancel is not None and cancel.is_set():
            return
        control = BatchControl()
        control.is_paused = pause is not None and pause.is_set()
        handle = submit(self._look_up(customers, on_answer, tell, control, n_after))
        try:
            while not handle.wait(_LOOK):
                if cancel is not None and cancel.is_set():
                    return
                control.is_paused = pause is not None and pause.is_set()
            handle.result()
        finally:
            handle.cancel()

    def company(self, number: str) -> Company | None:
        """Return the company of that number, ``None`` where there is none."""
        return submit(self._company(number)).result()

    def _register(self) -> CompaniesHouse:
        return CompaniesHouse(
            self._key, base_url=self._base_url, concurrency=self._concurrency, governor=self._governor
        )

    async def _company(self, number: str) -> Company | None:
        async with self._register() as register:
            return await register.company(number)

    async def _look_up(
        self,
        customers: Sequence[CustomerRecord],
        on_answer: OnAnswer,
        tell: Tell,
        control: BatchControl,
        n_after: int,
    ) -> None:
        matcher = Matcher(self.name, answered_on=date.today(), accept_precision=self._accept_precision)
        async with CustomerSearch(self._register()) as source:

            async def answered(customer: CustomerRecord) -> Answer:
                answer = matcher.from_companies(customer, await source.look_up(customer))
                return await completed(answer, source.register)

            await look_up_all(
                customers,
                answered,
                on_result=lambda result: on_answer(
                    result.customer,
                    result.found
                    or Answer(result.customer.customer_id, "failed", result.failure, source=self.name),
                ),
                on_progress=lambda at: tell(_in_words(at), at.n_done, at.n_total),
                concurrency=self._concurrency,
                governor=self._governor,
                control=control,
                n_after=n_after,
            )

    def __repr__(self) -> str:
        return f"ApiRegister({self._base_url})"


class CustomerSearch:
    """Finds the companies that a customer may be, by number or by name; use ``async with``.

    Parameters
    ----------
    register : CompaniesHouse
    """

    def __init__(self, register: CompaniesHouse) -> None:
        self.register = register

    async def __aenter__(self) -> Self:
        await self.register.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.register.__aexit__(kind, error, trace)

    async def look_up(self, customer: CustomerRecord) -> list[Company]:
        """Candidates for a customer.

        Parameters
        ----------
        customer : CustomerRecord
            A number that is none, or that the register does not have, is passed over for the name.

        Returns
        -------
        list of Company
            The one of the number; else what the name finds, perhaps nothing.

        Raises
        ------
        RequestError
            If asking failed for good for this customer.
        SourceStoppedError
            If nobody need be asked any more.
        """
        number = customer.clean_number
        company = await self.register.company(number) if number else None
        return [company] if company is not None else await self.register.search(customer.name)


async def completed(answer: Answer, register: CompaniesHouse) -> Answer:
    """Ask for the sectors of a matched company, which a search by relevance does not send."""
    if answer.state != "matched" or answer.candidates[0].company.sic_codes:
        return answer
    first, *others = answer.candidates
    company = await register.company(first.company.number)
    return (
        answer if company is None else replace(answer, candidates=(replace(first, company=company), *others))
    )


def _in_words(at: LookUpProgress) -> str:
    said = [f"{at.per_second:.1f} customers a second"]
    if at.is_waiting:
        said.append("the register does not answer as it should: waiting")
    if at.quota_left is not None:
        said.append(f"{at.quota_left} requests left in this window")
    if at.seconds_left is not None:
        said.append(
            f"about {at.seconds_left / 60:.0f} min left"
            if at.seconds_left > 90
            else f"about {at.seconds_left:.0f} s left"
        )
    return ", ".join(said)
