"""A table as a sheet of a workbook."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter


def write_table(
    sheet: xlsxwriter.worksheet.Worksheet, table: pd.DataFrame, bold: Any, *, first_row: int
) -> None:
    """Write cell by cell with the writer of its type; ``DataFrame.to_excel`` formats each cell first, which takes longer."""
    sheet.freeze_panes(first_row + 1, 1)
    for i, column in enumerate(table.columns):
        sheet.set_column(i, i, min(max(len(column) + 2, 10), 40))
        sheet.write_string(first_row, i, column, bold)
        values = table[column]
        if pd.api.types.is_bool_dtype(values):
            values, write = values.astype(bool), sheet.write_boolean
        elif pd.api.types.is_numeric_dtype(values):
            values, write = values.astype("float64").replace([np.inf, -np.inf], np.nan), sheet.write_number
        else:
            write = sheet.write_string
        for row, (value, is_missing) in enumerate(
            zip(values.tolist(), values.isna().tolist(), strict=True), start=first_row + 1
        ):
            if not is_missing:
                write(row, i, value)
