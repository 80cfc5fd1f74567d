"""Companies House over its API as a source: by number where the ledger has one, else by name."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from payseg_widgets.enrichment.client.api import CompaniesHouse
from payseg_widgets.enrichment.client.queries import checked_number
from payseg_widgets.enrichment.company import Company, CustomerRecord
from payseg_widgets.errors import EnrichmentError


class CompaniesHouseSource:
    """Looks customers up on the register; use ``async with``.

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
        try:
            number = checked_number(customer.company_number)
        except EnrichmentError:
            number = ""
        company = await self.register.company(number) if number else None
        return [company] if company is not None else await self.register.search(customer.name)
