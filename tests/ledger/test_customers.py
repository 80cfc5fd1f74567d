import pandas as pd
import pytest

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.customers import read_customers

EXPORT = pd.DataFrame({
    "Customer No": ["0012", "0013", None, "0012"],
    "Account Name": ["Oak Ltd", "Elm LLP", "Total", "Oak Ltd"],
    "Post Code": ["LS1 1AA", None, None, "LS1 1AA"],
    "Company Reg No": ["00012345", "OC300001", None, "00012345"],
    "Colour": ["red", "blue", None, "red"],
})  # fmt: skip


def test_columns_are_found_and_every_row_is_kept_or_counted(tmp_path):
    EXPORT.to_csv(tmp_path / "c.csv", index=False)
    customers, findings = read_customers(tmp_path / "c.csv")
    assert customers["customer_id"].tolist() == ["0012", "0013"]
    assert customers["company_number"].tolist() == ["00012345", "OC300001"]
    said = {finding.text: finding.n_rows for finding in findings}
    assert said["rows that repeat another, left out"] == 1
    assert said["rows of totals, left out"] == 1
    assert "not used" in said


def test_a_mapping_overrides_what_was_found():
    customers, _ = read_customers(EXPORT.iloc[:2], mapping={"region": "Colour"})
    assert customers["region"].tolist() == ["red", "blue"]


def test_customers_whose_rows_differ_are_refused_with_their_rows():
    changed = EXPORT.assign(**{"Post Code": ["LS1 1AA", None, None, "LS2 2BB"]})
    with pytest.raises(LedgerError, match=r"1 customers have several rows that differ .first: rows 1, 4"):
        read_customers(changed)
