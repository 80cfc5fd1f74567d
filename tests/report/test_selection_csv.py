"""The CSV of selected customers: who is in it, and that no spreadsheet runs it."""

from __future__ import annotations

import csv

import pandas as pd
import pytest

from payseg_widgets import Selection, SelectionError
from payseg_widgets.report.selection_csv import selection_csv


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "name": ["Acorn", "@Bolt", "Café"], "mean_days_late": [-2.5, 30.0, None],
            "region": pd.Categorical(["=1+1", "Wales", "-2"]), "=note": ["+1", None, "fine"],
        },
        index=pd.Index(["=C1", "C2", "C3"], name="customer_id", dtype="str"),
    )  # fmt: skip


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_the_selected_rows_are_written_defused_ids_headings_and_categories_too(table, tmp_path):
    path = selection_csv(table, Selection.parse("mean_days_late < 0").apply(table), tmp_path / "late.csv")
    assert rows(path) == [
        ["customer_id", "mean_days_late", "region", "'=note"],
        ["'=C1", "-2.5", "'=1+1", "'+1"],
    ]


def test_names_come_along_only_if_asked(table, tmp_path):
    everybody = Selection.everything().apply(table)
    written = rows(selection_csv(table, everybody, tmp_path / "named.csv", names=True))
    assert [row[1] for row in written] == ["name", "Acorn", "'@Bolt", "Café"]
    assert "name" not in rows(selection_csv(table, everybody, tmp_path / "ids.csv"))[0]


def test_nobody_selected_leaves_the_headings(table, tmp_path):
    assert len(rows(selection_csv(table, Selection.nothing().apply(table), tmp_path / "none.csv"))) == 1


def test_a_mask_that_does_not_fit_and_a_place_that_is_not_there_are_refused(table, tmp_path):
    with pytest.raises(SelectionError, match="is_selected"):
        selection_csv(table, [True], tmp_path / "x.csv")
    with pytest.raises(SelectionError, match="cannot write"):
        selection_csv(table, Selection.everything().apply(table), tmp_path / "no" / "x.csv")
