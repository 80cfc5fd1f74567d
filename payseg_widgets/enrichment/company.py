"""A company as a register has it, whichever source it was read from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from payseg_widgets.enrichment.company_number import clean_company_number
from payseg_widgets.enrichment.postcode import find_postcode


@dataclass(frozen=True)
class PreviousName:
    """A name a company had before.

    Attributes
    ----------
    name : str
    from_on, until_on : date or None
        First and last day; ``None`` where the register does not say (the bulk file gives the last day only).
    """

    name: str
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True, repr=False)
class Company:
    """One company of a register. What the register leaves out is empty or ``None``, never invented.

    Attributes
    ----------
    number : str
        Eight characters, as `payseg_widgets.enrichment.company_number.clean_company_number` gives it.
    name : str
    status, company_type : str
        In the register's own words, also those not yet known here.
    incorporated_on, dissolved_on : date or None
    address : str
        One line, without the postcode.
    postcode, country : str
    sic_codes : tuple of str
        The primary one first, as written.
    previous_names : tuple of PreviousName
        The latest first.
    """

    number: str
    name: str
    status: str = ""
    company_type: str = ""
    incorporated_on: date | None = None
    dissolved_on: date | None = None
    address: str = ""
    postcode: str = ""
    country: str = ""
    sic_codes: tuple[str, ...] = ()
    previous_names: tuple[PreviousName, ...] = ()

    def __repr__(self) -> str:
        return f"Company({self.number})"  # what the register says of it is shown where the user asks


@dataclass(frozen=True, repr=False)
class CustomerRecord:
    """What the ledger knows of one customer that helps to find it on a register.

    Attributes
    ----------
    customer_id : str
    name : str
    address, postcode : str
        Empty where the ledger has none.
    company_number, vat_number : str
        As written in the ledger; empty where it has none.
    first_invoice_on, last_invoice_on : date or None
    """

    customer_id: str
    name: str
    address: str = ""
    postcode: str = ""
    company_number: str = ""
    vat_number: str = ""
    first_invoice_on: date | None = None
    last_invoice_on: date | None = None

    @cached_property
    def clean_number(self) -> str:
        """The company number as a register writes it; empty where there is none."""
        return clean_company_number(self.company_number) or ""

    @cached_property
    def own_postcode(self) -> str:
        """The whole postcode without its space, from the address where there is none; empty without."""
        code = find_postcode(self.postcode) or find_postcode(self.address)
        return code.unit.replace(" ", "") if code else ""

    def __repr__(self) -> str:
        return "CustomerRecord()"  # neither the name nor the id belongs in a log
