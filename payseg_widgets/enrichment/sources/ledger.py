"""What the user's own customer table says of region, sector, postcode and company number, cleaned."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from payseg_widgets.enrichment.cells import read_cells
from payseg_widgets.enrichment.company_number import clean_company_number
from payseg_widgets.enrichment.fields import (
    LEDGER_ADDRESS,
    LEDGER_COUNTRY,
    LEDGER_NUMBER,
    LEDGER_POSTCODE,
    LEDGER_TEXT,
    Field,
    field_table,
)
from payseg_widgets.enrichment.postcode import Postcode, find_postcode
from payseg_widgets.enrichment.region_names import RegionText, read_region
from payseg_widgets.enrichment.regions import UNKNOWN, RegionOf, region_of
from payseg_widgets.enrichment.sic import SectorOf, sectors_of
from payseg_widgets.errors import EnrichmentError

if TYPE_CHECKING:
    from payseg_widgets.enrichment.postcode_directory import PostcodeDirectory

#: That a place named in words lies in the region read: plain names, and names that are cut by a border or borne twice.
#: Measured against the postcodes beside them (docs/enrichment_facts.md).
SURE_OF_PLACE, SURE_OF_CUT_PLACE = 0.99, 0.85


def ledger_fields(
    customers: pd.DataFrame, *, as_of: date, postcode_directory: PostcodeDirectory | None = None
) -> pd.DataFrame:
    """Return what a customer table says of each customer, one row for each field and source.

    Parameters
    ----------
    customers : pandas.DataFrame
        With ``customer_id`` and any of ``region``, ``sector``, ``country``, ``postcode``, ``company_number``,
        ``address``, as in ``Ledger.customers``.
    as_of : datetime.date
        The day of the ledger.
    postcode_directory : PostcodeDirectory, optional
        Makes regions of postcodes exact; without it they go by district, with the district's share as probability.

    Returns
    -------
    pandas.DataFrame
        ``customer_id``, ``field`` (``region``, ``sector``, ``postcode``, ``company_number``), ``value``, ``source``,
        ``as_of``, ``probability`` (that the value is right, what is written taken at its word), ``note``. A cell that
        is blank or no number or postcode has no row. Where a text cannot be read the value is ``"unknown"``, the
        probability missing, and the note quotes the text. Regions are read from the postcode, from the address's
        postcode where that is another, from the region's text and from the country; all are kept, so that what
        disagrees can be seen.

    Raises
    ------
    EnrichmentError
        If the table has no ``customer_id``.

    Examples
    --------
    >>> table = pd.DataFrame({"customer_id": ["C1"], "region": ["Lancs"], "postcode": ["bb11 3pr"]})
    >>> ledger_fields(table, as_of=date(2026, 1, 31))[["value", "source"]].values.tolist()
    [['BB11 3PR', 'ledger postcode'], ['North West', 'ledger postcode'], ['North West', 'ledger text']]
    """
    if "customer_id" not in customers:
        raise EnrichmentError(
            f"The customer table has no column 'customer_id', only {', '.join(map(str, customers.columns))[:120]}. "
            "Pass Ledger.customers, or rename the column that identifies a customer."
        )
    locate = postcode_directory.region_of if postcode_directory else region_of
    columns = _columns(customers)
    return field_table(
        (str(customer), name, field)
        for row, customer in enumerate(customers["customer_id"])
        for name, field in _fields(row, columns, locate, pd.Timestamp(as_of).date())
    )


class _Columns(dict[str, list[Any]]):
    """What was read of each column, by row; ``None`` in every row of a column that is not there."""

    def at(self, column: str, row: int) -> Any:
        return self[column][row] if column in self else None


def _columns(customers: pd.DataFrame) -> _Columns:
    readers: dict[str, Callable[[Any], Any]] = {
        "postcode": find_postcode,
        "address": find_postcode,
        "region": read_region,
        "country": lambda text: read_region(text, is_country=True),
        "sector": sectors_of,
        "company_number": clean_company_number,
    }
    return _Columns(
        (name, read_cells(customers[name], read)) for name, read in readers.items() if name in customers
    )


Locate = Callable[[Postcode], RegionOf]


def _fields(row: int, columns: _Columns, locate: Locate, day: date) -> Iterator[tuple[str, Field]]:
    country: RegionText | None = columns.at("country", row)
    is_abroad = country is not None and country.is_uk is False
    codes = _postcodes(columns.at("postcode", row), columns.at("address", row), is_abroad=is_abroad)
    for source, code in codes:
        yield "postcode", Field(str(code), source, day, note=_about(code))
        yield "region", _located(locate(code), source, day)
    for source, text in ((LEDGER_TEXT, columns.at("region", row)), (LEDGER_COUNTRY, country)):
        if text is not None and (field := _region_said(text, source, day)):
            yield "region", field
    sector: SectorOf | None = columns.at("sector", row)
    if sector is not None and sector.kind != "none supplied":
        yield "sector", _sector_said(sector, day)
    if number := columns.at("company_number", row):
        yield "company_number", Field(number, LEDGER_NUMBER, day)


def _postcodes(
    column: Postcode | None, address: Postcode | None, *, is_abroad: bool
) -> list[tuple[str, Postcode]]:
    """Return the postcodes to go by; what abroad resembles half a postcode, or a mended one, is none."""
    found = [
        (source, code)
        for source, code in ((LEDGER_POSTCODE, column), (LEDGER_ADDRESS, address))
        if code and not (is_abroad and (code.is_mended or not code.unit))
    ]
    codes = [code for _, code in found]
    is_said_twice = (
        len(codes) == 2
        and codes[0].district == codes[1].district
        and (str(codes[0]).startswith(str(codes[1])))
    )
    return found[:1] if is_said_twice else found


def _about(code: Postcode) -> str:
    notes = []
    if code.is_mended:
        notes.append("a slip of the pen was mended")
    if not code.unit:
        notes.append(f"{code.precision} only")
    return "; ".join(notes)


def _located(place: RegionOf, source: str, day: date) -> Field:
    note = f"the district also lies in {', '.join(place.others)}" if place.straddles else ""
    return Field(place.region, source, day, place.share, note)


def _region_said(text: RegionText, source: str, day: date) -> Field | None:
    """Return the region a text names; ``None`` where it names none, as a country of several regions does."""
    if text.how in ("blank", "not said") or (text.how == "unread" and source == LEDGER_COUNTRY):
        return None
    if text.how == "unread":
        return Field(UNKNOWN, source, day, float("nan"), f"not read: {text.text!r}")
    is_exact = text.how in ("region", "country") and not text.is_cut
    sure = 1.0 if is_exact else SURE_OF_CUT_PLACE if text.is_cut else SURE_OF_PLACE
    return Field(text.region, source, day, sure, "" if text.how == "region" else f"read from {text.text!r}")


def _sector_said(sector: SectorOf, day: date) -> Field:
    if sector.kind == "unknown":
        return Field(UNKNOWN, LEDGER_TEXT, day, float("nan"), f"not read: {sector.text!r}")
    notes = [f"{sector.scheme} {', '.join(sector.codes)}".strip()] if sector.codes else []
    if sector.section and not sector.is_informative:
        notes.append("a code for whatever fits nowhere else")
    return Field(sector.title, LEDGER_TEXT, day, note="; ".join(notes))
