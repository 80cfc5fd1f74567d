"""The selected customers as a CSV file for the people who call them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from payseg_widgets.errors import SelectionError
from payseg_widgets.report.tables import safe_for_spreadsheets
from payseg_widgets.views.contrast import selected_rows


def selection_csv(
    table: pd.DataFrame, is_selected: pd.Series | np.ndarray, path: str | Path, *, names: bool = False
) -> Path:
    """Write the rows of the selected customers to a CSV file that no spreadsheet takes for formulas.

    Parameters
    ----------
    table : pandas.DataFrame
        A row for each customer; a named index is written as the first column.
    is_selected : pandas.Series or numpy.ndarray of bool
        As `Selection.apply` gives it.
    path : path
        A file of that name is replaced.
    names : bool
        Whether a column ``name`` comes along. Without, the file carries ids only.

    Returns
    -------
    pathlib.Path
        The file, UTF-8 with a byte order mark, which Excel needs to read accents.

    Raises
    ------
    SelectionError
        If ``is_selected`` does not fit the table or the file cannot be written.
    """
    rows = table.loc[selected_rows(table, is_selected)]
    if not names:
        rows = rows.drop(columns="name", errors="ignore")
    if table.index.name is not None:
        rows = rows.reset_index()
    path = Path(path)
    try:
        safe_for_spreadsheets(rows).to_csv(path, index=False, encoding="utf-8-sig")
    except OSError as error:
        raise SelectionError(f"cannot write {str(path)!r}: {error.strerror}. Give another path.") from error
    return path
