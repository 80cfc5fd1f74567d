import json
from dataclasses import replace
from itertools import pairwise

import pandas as pd
import pyarrow.parquet as pq
import pytest

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger import store
from payseg_widgets.ledger.schema import TABLES, LateRule
from payseg_widgets.ledger.simulate import simulate_ledger
from payseg_widgets.ledger.store import load_ledger, save_ledger

FACTS = [name for name in TABLES if name != "customers"]


@pytest.fixture(scope="module")
def ledger():
    simulated = simulate_ledger(
        40, world="realistic", seed=3, late_rule=LateRule("next_business_day", 2, "GB-SCT")
    ).ledger
    name = simulated.customers["name"].dropna().iloc[0]
    refused = [("invoices", 3, f"an amount of {name} cannot be read", "Amount", "Acme Ltd", None)]
    rejected = pd.DataFrame(refused, columns=list(simulated.rejected)).astype(
        {"amount_minor": "Int64", "value": "str"}
    )
    found = [("payments", "Date", "read as day/month/year", 12, 3)]
    quality = pd.DataFrame(found, columns=list(simulated.quality)).astype({"amount_minor": "Int64"})
    invoices = simulated.invoices.assign(
        note="call Jane Doe", score=1.5, approved_on=simulated.invoices["issued_on"]
    )
    return replace(simulated, rejected=rejected, quality=quality, invoices=invoices)


def test_a_ledger_saved_with_names_comes_back_whole(ledger, tmp_path):
    loaded = load_ledger(save_ledger(ledger, tmp_path / "new" / "folder", names=True))
    for table in (*TABLES, "rejected", "quality", "reconciliation"):
        left, right = getattr(loaded, table), getattr(ledger, table)
        if len(right):
            pd.testing.assert_frame_equal(left, right)
        assert list(left) == list(right)
    for name in ("as_of", "currency", "late_rule", "provenance", "is_pseudonymised"):
        assert getattr(loaded, name) == getattr(ledger, name)


def test_without_names_facts_and_ids_come_back_and_nothing_that_names_anybody(ledger, tmp_path):
    loaded = load_ledger(save_ledger(ledger, tmp_path))
    for table in FACTS:
        kept = getattr(ledger, table).drop(columns="note", errors="ignore")
        pd.testing.assert_frame_equal(getattr(loaded, table), kept)
    assert loaded.customers["customer_id"].equals(ledger.customers["customer_id"])
    assert loaded.customers["name"].isna().all()
    assert loaded.customers["postcode"].str.len().max() <= 4
    assert loaded.rejected["value"].isna().all()
    assert loaded.rejected["reason"].tolist() == ["an amount of […] cannot be read"]
    # read past the compression: no cell of any file holds a secret
    text = "".join(pq.read_table(path).to_pandas().to_csv() for path in tmp_path.glob("*.parquet"))
    text += (tmp_path / "ledger.json").read_text()
    customers = ledger.customers
    secrets = [
        "Jane Doe",
        "Acme Ltd",
        *customers["name"].dropna(),
        *customers["address"],
        *customers["company_number"].dropna(),
    ]
    assert not [secret for secret in secrets if secret in text]


def test_the_files_hold_numbers_that_point_to_each_other(ledger, tmp_path):
    save_ledger(ledger, tmp_path)
    types = {field.name: str(field.type) for field in pq.read_schema(tmp_path / "invoices.parquet")}
    assert {k: types[k] for k in ("customer", "issued_on", "due_on", "amount_minor", "closed_on")} == {
        "customer": "int32", "issued_on": "date32[day]", "due_on": "date32[day]", "amount_minor": "int64",
        "closed_on": "date32[day]",
    }  # fmt: skip
    assert "customer_id" not in types
    payments = pq.read_schema(tmp_path / "payments.parquet")
    assert {f.name: str(f.type) for f in payments} == {
        "invoice_row": "int32", "customer": "int32", "paid_on": "date32[day]", "amount_minor": "int64",
    }  # fmt: skip
    assert pq.ParquetFile(tmp_path / "invoices.parquet").metadata.row_group(0).column(1).compression == "ZSTD"
    ids = pq.read_table(tmp_path / "customers.parquet")["customer_id"].to_pylist()
    customer = pq.read_table(tmp_path / "invoices.parquet", columns=["customer"])["customer"].to_pylist()
    assert [ids[c] for c in customer] == ledger.invoices["customer_id"].astype("str").tolist()


def test_no_customer_lies_in_two_row_groups_of_a_table(ledger, tmp_path, monkeypatch):
    monkeypatch.setattr(store, "_ROW_GROUP", 100)
    pd.testing.assert_frame_equal(
        load_ledger(save_ledger(ledger, tmp_path, names=True)).payments, ledger.payments
    )
    for name in ("invoices", "payments"):
        file = pq.ParquetFile(tmp_path / f"{name}.parquet")
        groups = [file.read_row_group(k)["customer"].to_pylist() for k in range(file.num_row_groups)]
        assert len(groups) > 3
        assert all(before[-1] < after[0] for before, after in pairwise(groups))


def test_a_later_save_replaces_the_ledger(ledger, tmp_path):
    save_ledger(ledger, tmp_path)
    save_ledger(ledger.until("2023-06-30"), tmp_path)
    loaded = load_ledger(tmp_path)
    assert loaded.as_of == pd.Timestamp("2023-06-30")
    assert loaded.provenance["until"] == "2023-06-30"


def test_a_pseudonymised_ledger_stays_so(ledger, tmp_path):
    loaded = load_ledger(save_ledger(ledger.pseudonymised(key="k" * 16), tmp_path))
    assert loaded.is_pseudonymised
    assert loaded.customers["customer_id"].str.startswith("C-").all()


def test_an_empty_folder_holds_no_ledger(tmp_path):
    with pytest.raises(LedgerError, match="there is no ledger in"):
        load_ledger(tmp_path)
    with pytest.raises(LedgerError, match="there is no ledger in"):
        load_ledger(tmp_path / "missing")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "something else"}, "is not of a payseg_widgets ledger"),
        ({"version": 99}, "has format version 99, and this package reads 1. Update payseg_widgets"),
        ({"n_rows": {"invoices": 1}}, "is damaged .invoices has .* rows, not 1"),
        ({"late_rule": {"grace": 1}}, "is damaged"),
        ({"as_of": "1999-01-01"}, "is damaged .*after as_of"),
    ],
)
def test_what_this_version_cannot_trust_is_refused(ledger, tmp_path, change, message):
    save_ledger(ledger, tmp_path)
    path = tmp_path / "ledger.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(LedgerError, match=message):
        load_ledger(tmp_path)


def test_a_folder_with_missing_mangled_or_foreign_files_is_refused(ledger, tmp_path):
    save_ledger(ledger, tmp_path)
    (tmp_path / "payments.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(LedgerError, match="is damaged"):
        load_ledger(tmp_path)
    (tmp_path / "payments.parquet").unlink()
    with pytest.raises(LedgerError, match="is damaged"):
        load_ledger(tmp_path)
    (tmp_path / "ledger.json").write_text("not json")
    with pytest.raises(LedgerError, match="cannot be read"):
        load_ledger(tmp_path)


def test_a_folder_that_cannot_be_written_is_an_error(ledger, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LedgerError, match="cannot be written"):
        save_ledger(ledger, tmp_path / "file")
