"""Region and sector as the ledger itself says them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from payseg_widgets import enrich
from payseg_widgets.enrichment.from_ledger import said_by_ledger


def test_it_is_what_enrich_says_without_a_register(simulated):
    ledger = simulated.ledger
    some = ledger.customers.copy()
    some.loc[some.index[:40], ["postcode", "address", "region"]] = None
    some.loc[some.index[20:60], "sector"] = None
    ledger = replace(ledger, customers=some)
    said = said_by_ledger(ledger)
    pd.testing.assert_frame_equal(said, enrich(ledger).table[said.columns], check_dtype=False)
    assert (said["region"] == "unknown").sum() == 40
    assert (said["sector"] == "unknown").sum() == 40


def test_it_needs_no_names(simulated):
    plain = said_by_ledger(simulated.ledger)
    hidden = said_by_ledger(simulated.ledger.pseudonymised(key="k" * 32))
    assert hidden["region"].value_counts().to_dict() == plain["region"].value_counts().to_dict()


def test_a_ledger_that_says_nothing_leaves_all_unknown(simulated):
    bare = replace(simulated.ledger, customers=simulated.ledger.customers[["customer_id"]])
    said = said_by_ledger(bare)
    assert (said[["region", "sector"]] == "unknown").all(axis=None)
    assert said["region_probability"].isna().all()
