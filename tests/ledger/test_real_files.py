"""The facts of the public sample files, as stated in their description."""

from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from payseg_widgets.ledger.read import read_ledger

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the shared data folder is not beside this clone")


@pytest.fixture(scope="module")
def ibm():
    return read_ledger(DATA / "ibm_ar" / "accounts_receivable.csv")


@pytest.fixture(scope="module")
def seed():
    return read_ledger(DATA / "seed_ar" / "synthetic_ar_dataset_noisy.csv")


def days_late(ledger):
    due = ledger.invoices["due_on"].to_numpy()[ledger.payments["invoice_row"]]
    return (ledger.payments["paid_on"] - due).dt.days


def said(ledger, column):
    return " ".join(ledger.quality.loc[ledger.quality["column"] == column, "finding"])


def test_the_ibm_file_is_read_whole_without_options(ibm):
    assert len(ibm.invoices) == 2466
    assert len(ibm.rejected) == 0
    assert len(ibm.customers) == 100
    assert ibm.late_rule.due == "due_date"


def test_the_ibm_delays_are_the_true_ones(ibm):
    late = days_late(ibm)
    assert late.mean() == pytest.approx(-3.56, abs=0.005)
    assert (late < 0).mean() == pytest.approx(0.610, abs=0.0005)
    assert (late > 0).mean() == pytest.approx(0.356, abs=0.0005)


def test_the_ibm_dates_are_month_first(ibm):
    row = ibm.invoices.set_index("invoice_id").loc["0000611365"]
    assert row["issued_on"] == pd.Timestamp("2013-01-02")
    assert row["due_on"] == pd.Timestamp("2013-02-01")
    assert row["amount_minor"] == 5594


def test_the_floored_days_late_of_the_ibm_file_is_named(ibm):
    text = said(ibm, "DaysLate")
    assert "3.44" in text
    assert "-3.56" in text
    assert "floored at 0" in text


def test_the_ibm_disputes_become_known_with_the_settlement(ibm):
    # 561 rows say Yes; all are settled
    assert len(ibm.disputes) == 561
    paid = ibm.payments.set_index("invoice_row")["paid_on"]
    assert (ibm.disputes["known_on"].to_numpy() == paid.loc[ibm.disputes["invoice_row"]].to_numpy()).all()
    assert ibm.disputes["opened_on"].isna().all()


def test_the_ibm_file_with_missing_cells_is_read_whole():
    ledger = read_ledger(DATA / "ibm_ar" / "accounts_receivable_with_missing.csv")
    # 120 rows lack columns that are not needed; one of the 2,587 lines is the heading
    assert len(ledger.invoices) == 2586
    assert len(ledger.rejected) == 0


def test_the_seed_file_keeps_what_was_never_paid_open(seed):
    # one of its 1,500 invoices is over exactly 0.00, which is no invoice
    assert len(seed.invoices) == 1499
    assert seed.rejected.loc[seed.rejected["table"] == "invoices", "reason"].tolist() == ["an amount of zero"]
    assert len(seed.invoices) - seed.payments["invoice_row"].nunique() == 395


def test_the_seed_payments_without_a_date_are_listed_with_their_money(seed):
    undated = seed.rejected[seed.rejected["table"] == "payments"]
    source = pd.read_csv(DATA / "seed_ar" / "synthetic_ar_dataset_noisy.csv")
    expected = source[source["Last_Payment_Date"].isna() & (source["Amount_Paid"] > 0)]
    assert len(undated) == len(expected) == 209
    assert undated["amount_minor"].sum() == (expected["Amount_Paid"] * 100).round().astype(int).sum()


def test_the_seed_contradictions_are_reported(seed):
    assert "(81%)" in said(seed, "Outstanding_Amount")
    assert "395 invoices without a dated payment" in said(seed, "Payment_Delay_Days")
    assert "200 exactly 0" in said(seed, "Payment_Delay_Days")


def test_the_seed_industry_is_a_fact_of_the_customer(seed):
    assert seed.customers["sector"].notna().all()
    assert set(seed.customers["sector"]) == {"Retail", "Finance", "Technology", "Manufacturing", "Healthcare"}


@pytest.mark.parametrize("name", ["ibm_ar/accounts_receivable.csv", "seed_ar/synthetic_ar_dataset_noisy.csv"])
def test_every_row_is_accounted_for(name):
    ledger = read_ledger(DATA / name)
    for _, table in ledger.reconciliation.groupby("table"):
        read = table[table["outcome"] == "read"]
        rest = table[table["outcome"] != "read"]
        assert read["n_rows"].sum() == rest["n_rows"].sum()
        assert read["amount_minor"].sum() == rest["amount_minor"].sum()
    assert (
        len(ledger.rejected)
        == ledger.reconciliation.loc[ledger.reconciliation["outcome"] == "rejected", "n_rows"].sum()
    )


def test_a_supplier_file_serves_as_customers_table():
    suppliers = pd.read_csv(DATA / "uk_suppliers" / "suppliers_ch_enriched.csv", dtype="str").dropna(
        subset=["company_number"]
    )
    suppliers = suppliers.drop_duplicates("company_number").head(50)
    invoices = pd.DataFrame({
        "Invoice No": [f"A{i}" for i in range(50)], "Customer ID": suppliers["company_number"].str.lstrip("0").to_numpy(),
        "Invoice Date": "2024-01-31", "Due Date": "2024-02-29", "Amount": "10.00",
    })  # fmt: skip
    ledger = read_ledger(
        invoices, customers=suppliers, mapping={"customers": {"customer_id": "company_number"}}
    )
    assert len(ledger.customers) == 50  # 08 lost its zero in one table: joined, not doubled
    assert ledger.customers["postcode"].notna().any()


@pytest.mark.parametrize("form", ["frame", "typed frame", "xlsx", "parquet"])
def test_every_form_of_the_ibm_file_gives_each_invoice_its_own_amount(real_data, tmp_path, form):
    path = real_data / "ibm_ar" / "accounts_receivable.csv"
    text = pd.read_csv(path, dtype=str)
    typed = pd.read_csv(path, dtype={"invoiceNumber": str})
    sources = {
        "frame": text,
        "typed frame": typed,
        "xlsx": tmp_path / "ar.xlsx",
        "parquet": tmp_path / "ar.parquet",
    }
    if form == "xlsx":
        typed.to_excel(sources[form], index=False)
    if form == "parquet":
        typed.to_parquet(sources[form])
    invoices = read_ledger(sources[form]).invoices.set_index("invoice_id")["amount_minor"]
    expected = (text.set_index("invoiceNumber")["InvoiceAmount"].map(Decimal) * 100).astype(int)
    assert invoices.to_dict() == expected.to_dict()
