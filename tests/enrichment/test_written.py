"""An enrichment written and read back."""

from __future__ import annotations

import pandas as pd
import pytest

from payseg_widgets import enrich
from payseg_widgets.enrichment.written import read_enrichment
from payseg_widgets.errors import EnrichmentError


def test_what_was_written_comes_back(simulated, tmp_path):
    found = enrich(simulated.ledger)
    back = read_enrichment(found.to_csv(tmp_path / "enrichment.csv"))
    pd.testing.assert_frame_equal(back, found.table[list(back)], check_dtype=False, check_index_type=False)
    assert list(back) == [
        "region", "region_basis", "region_probability", "sector", "sector_basis", "sector_probability"
    ]  # fmt: skip


def test_ids_that_were_defused_and_blank_cells(tmp_path):
    file = tmp_path / "some.csv"
    file.write_text("customer_id,region,sector,note\n'=1,Wales,,x\n007,,Mining,y\n", encoding="utf-8-sig")
    back = read_enrichment(file)
    assert back.index.tolist() == ["=1", "007"]
    assert back["region"].tolist() == ["Wales", "unknown"]
    assert back["sector"].tolist() == ["unknown", "Mining"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("customer_id,region\nA,Wales\n", "no column 'sector'; there are: customer_id, region"),
        ("customer_id,region,sector\nA,Wales,x\nA,London,x\n", "1 customer more than once"),
        ("customer_id,region,sector,region_probability\nA,Wales,x,1.5\n", "region_probability '1.5' is no probability"),
        ("customer_id,region,sector,region_probability\nA,Wales,x,sure\n", "region_probability 'sure' is no probability"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_enrichment_is_refused_with_what_it_says(tmp_path, text, says):
    file = tmp_path / "some.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(EnrichmentError, match=says):
        read_enrichment(file)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(EnrichmentError, match=r"cannot read .*nowhere.csv.*payseg enrich"):
        read_enrichment(tmp_path / "nowhere.csv")
