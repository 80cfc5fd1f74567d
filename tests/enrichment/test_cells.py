from __future__ import annotations

import pandas as pd
import pytest

from payseg_widgets.enrichment.cells import cell_text, read_cells


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT])
def test_whatever_pandas_calls_missing_is_empty(missing):
    assert cell_text(missing) == ""


def test_a_whole_number_loses_its_decimal_and_no_other_does():
    assert [cell_text(value) for value in (977250.0, 12, 1.5, float("inf"))] == ["977250", "12", "1.5", "inf"]


def test_equal_cells_are_read_once_and_missing_ones_not_at_all():
    asked = []
    read = read_cells(pd.Series(["a", None, "a", "b"]), lambda cell: asked.append(cell) or cell.upper())
    assert read == ["A", None, "A", "B"]
    assert sorted(asked) == ["a", "b"]
