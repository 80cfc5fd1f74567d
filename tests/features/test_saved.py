"""Features straight from a saved ledger's files are those of the loaded ledger, to the last bit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from payseg_widgets import (
    Ledger,
    LedgerError,
    UnknownNameError,
    compute_features,
    load_ledger,
    save_ledger,
    saved_features,
)
from payseg_widgets.features.measure import MEASURES
from payseg_widgets.ledger.schema import TABLES


@pytest.fixture
def folder(ledger: Ledger, tmp_path: Path) -> Path:
    return save_ledger(ledger, tmp_path / "saved")


def regroup(folder: Path, rows: int) -> None:
    """Write every table again in row groups of this size, which end in the middle of customers."""
    for name in TABLES:
        table = pq.read_table(folder / f"{name}.parquet")
        pq.write_table(table, folder / f"{name}.parquet", row_group_size=rows)


@pytest.mark.parametrize("rows", [1, 7, 100, 1_000_000])
def test_the_numbers_are_those_of_the_loaded_ledger_however_the_rows_are_grouped(
    folder: Path, rows: int
) -> None:
    expected = compute_features(load_ledger(folder)).frame
    regroup(folder, rows)
    found = saved_features(folder)
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
    assert set(found) == set(MEASURES)
    assert found.notna().any().all()


@pytest.mark.parametrize("rows", [50, 1_000_000])
def test_customers_without_an_invoice_are_left_out_and_names_and_buckets_are_those_asked_for(
    silent: Ledger, tmp_path: Path, rows: int
) -> None:
    names = ["outstanding", "ageing_8_20_ratio", "mean_days_late", "unallocated"]
    expected = compute_features(silent, names, buckets=(7, 20)).frame
    folder = save_ledger(silent, tmp_path)
    regroup(folder, rows)
    pd.testing.assert_frame_equal(saved_features(folder, names, buckets=(7, 20)), expected, check_exact=True)


def test_progress_ends_at_one_and_what_it_raises_stops_the_work(folder: Path) -> None:
    regroup(folder, 50)
    seen: list[float] = []
    saved_features(folder, ["n_invoices"], progress=seen.append)
    assert len(seen) > 10
    assert seen == sorted(seen)
    assert seen[-1] == 1.0

    def stop(_: float) -> None:
        seen.clear()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        saved_features(folder, ["n_invoices"], progress=stop)


def test_an_unknown_name_is_answered_with_the_nearest(folder: Path) -> None:
    with pytest.raises(UnknownNameError, match="mean_days_late"):
        saved_features(folder, ["mean_day_late"])


def test_a_folder_without_a_ledger_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="there is no ledger in"):
        saved_features(tmp_path)


def test_a_ledger_without_invoices_has_no_features(ledger: Ledger, tmp_path: Path) -> None:
    folder = save_ledger(ledger, tmp_path)
    for name in TABLES:
        if name != "customers":
            pq.write_table(pq.read_table(folder / f"{name}.parquet")[:0], folder / f"{name}.parquet")
    about = json.loads((folder / "ledger.json").read_text())
    about["n_rows"] |= {name: 0 for name in TABLES if name != "customers"}
    (folder / "ledger.json").write_text(json.dumps(about))
    found = saved_features(folder)
    assert found.shape == (0, len(MEASURES))


def halved(table: str, folder: Path) -> None:
    rows = pq.read_table(folder / f"{table}.parquet")
    pq.write_table(rows[: len(rows) // 2], folder / f"{table}.parquet")


def removed(table: str, folder: Path) -> None:
    (folder / f"{table}.parquet").unlink()


def cut_off(table: str, folder: Path) -> None:
    path = folder / f"{table}.parquet"
    path.write_bytes(path.read_bytes()[:-20])


@pytest.mark.parametrize("table", ["customers", "invoices", "payments"])
@pytest.mark.parametrize("damage", [halved, removed, cut_off])
def test_damaged_files_are_refused(folder: Path, table: str, damage: Callable[[str, Path], None]) -> None:
    damage(table, folder)
    with pytest.raises(LedgerError, match="Save"):
        saved_features(folder, ["n_invoices"])


@pytest.mark.parametrize("table", ["invoices", "payments"])
def test_an_amount_that_is_missing_is_refused(folder: Path, table: str) -> None:
    rows = pq.read_table(folder / f"{table}.parquet")
    place = rows.column_names.index("amount_minor")
    amounts = [None, *rows["amount_minor"].to_pylist()[1:]]
    pq.write_table(
        rows.set_column(place, "amount_minor", pa.array(amounts, pa.int64())), folder / f"{table}.parquet"
    )
    with pytest.raises(LedgerError, match="1 values are missing"):
        saved_features(folder, ["total_invoiced", "unallocated"])


@pytest.mark.parametrize("table", ["invoices", "payments"])
def test_rows_out_of_order_are_refused(folder: Path, table: str) -> None:
    rows = pq.read_table(folder / f"{table}.parquet")
    pq.write_table(rows.take(np.arange(len(rows))[::-1]), folder / f"{table}.parquet")
    with pytest.raises(LedgerError, match="not as it was saved"):
        saved_features(folder, ["n_invoices"])
