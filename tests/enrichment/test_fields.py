from __future__ import annotations

from datetime import date

from payseg_widgets.enrichment.fields import FIELD_COLUMNS, LEDGER_TEXT, Field, field_table


def test_a_field_s_repr_holds_its_provenance_and_not_its_value():
    field = Field("SW1A 1AA", LEDGER_TEXT, date(2026, 1, 31), 0.85)
    assert repr(field) == "Field('ledger text', 2026-01-31, probability=0.850)"


def test_the_table_of_no_field_has_its_columns_and_types():
    empty, one = (
        field_table([]),
        field_table([("C1", "region", Field("Wales", LEDGER_TEXT, date(2026, 1, 31)))]),
    )
    assert list(empty.columns) == list(FIELD_COLUMNS)
    assert empty.dtypes.tolist() == one.dtypes.tolist()
    assert str(one["as_of"].dtype) == "datetime64[s]"
