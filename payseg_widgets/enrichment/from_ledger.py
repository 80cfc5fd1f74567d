"""What a ledger itself says of region and sector, cleaned, with no register and no network."""

from __future__ import annotations

import pandas as pd

from payseg_widgets.enrichment.assembly import LEDGER_BASES, chosen
from payseg_widgets.enrichment.fields import LEDGER_TEXT
from payseg_widgets.enrichment.regions import UNKNOWN
from payseg_widgets.enrichment.sources.ledger import ledger_fields
from payseg_widgets.ledger.schema import Ledger


def said_by_ledger(ledger: Ledger) -> pd.DataFrame:
    """Read region and sector off the ledger's own columns: postcodes, spellings of regions, codes and words for sectors.

    Parameters
    ----------
    ledger : Ledger

    Returns
    -------
    pandas.DataFrame
        Index ``customer_id``; ``region, region_basis, region_probability, sector, sector_basis, sector_probability``, as in
        `payseg_widgets.Enrichment.table`: ``"unknown"`` and no probability where the ledger does not say.
    """
    fields = ledger_fields(ledger.customers, as_of=ledger.as_of.date())
    table = pd.DataFrame(index=pd.Index(ledger.customers["customer_id"].astype(str), name="customer_id"))
    for name, bases in (("region", LEDGER_BASES), ("sector", (LEDGER_TEXT,))):
        table = table.join(chosen(fields, name, bases))
    return table.fillna({"region": UNKNOWN, "region_basis": "", "sector": UNKNOWN, "sector_basis": ""})
