"""Ids are text: cleaned without losing a leading zero, and matched between tables."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api import types

from payseg_widgets.ledger.findings import Finding, counted, quoted

_MARKS = r"^[\s'’`\ufeff\u200b]+|[\s'’`\ufeff\u200b]+$"
_FLOAT_EXPORT = r"^(-?\d+)\.0+$"
_SCIENTIFIC = r"^\d+(?:\.\d+)?[eE]\+\d+$"


def clean_ids(values: pd.Series, *, column: str) -> tuple[pd.Series, tuple[Finding, ...]]:
    """Return ids as clean text.

    ``0001`` and ``CCU013`` stay as they are. Surrounding blanks, apostrophes and byte-order marks go, blanks inside
    become one, and ``1930571429.0``, a number that went through a float, becomes ``1930571429``.

    Parameters
    ----------
    values : pandas.Series
        Text or a typed column (integers, floats, decimals).
    column : str
        Name for the findings.

    Returns
    -------
    pandas.Series of str
        Same index; a missing or blank id is missing.
    tuple of Finding
        Repairs, and ids in scientific notation, which cannot be restored and are kept as text.

    Examples
    --------
    >>> ids, findings = clean_ids(pd.Series([" 0001", "'CCU013", "1930571429.0"]), column="Invoice No")
    >>> ids.tolist()
    ['0001', 'CCU013', '1930571429']
    >>> findings[0].n_rows
    1
    """
    text = _as_text(values)
    text = text.str.replace(_MARKS, "", regex=True).str.replace(r"\s+", " ", regex=True)
    text = text.mask(text == "")
    is_float = text.str.fullmatch(_FLOAT_EXPORT).fillna(False).astype(bool)
    findings = []
    if is_float.any():
        first = text[is_float].iloc[0]
        text = text.where(~is_float, text.str.replace(_FLOAT_EXPORT, r"\1", regex=True))
        findings.append(
            Finding(
                column,
                f"{counted(int(is_float.sum()), 'id')} had been exported as a decimal number "
                f"(first: {quoted(first)}) and lost the '.0'.",
                int(is_float.sum()),
            )
        )
    is_scientific = text.str.fullmatch(_SCIENTIFIC).fillna(False).astype(bool)
    if is_scientific.any():
        n = int(is_scientific.sum())
        findings.append(
            Finding(
                column,
                f"{counted(n, 'id')} in scientific notation (first: {quoted(text[is_scientific].iloc[0])}) lost digits "
                "before the export and cannot be restored: export the column as text.",
                n,
            )
        )
    return text, tuple(findings)


def _as_text(values: pd.Series) -> pd.Series:
    """Write every value as text; whole floats keep their '.0' so that the repair is counted."""
    if types.is_bool_dtype(values.dtype) or not types.is_float_dtype(values.dtype):
        return values.astype("str")
    whole = values.notna() & (values.abs() < 2.0**63) & (values % 1 == 0)
    text = values.astype("str").astype("object")  # a float above 1e16 would print as 1e+16
    text[whole] = [f"{int(v)}.0" for v in values[whole]]
    return text.astype("str").where(values.notna())


def is_among(values: pd.Series, ids: Iterable[str]) -> pd.Series:
    """Say which values are among ``ids``; a missing value is not.

    ``Series.isin`` on Arrow text turns the ids into Python objects one by one, which takes minutes for a million.

    >>> is_among(pd.Series(["a", None, "b"], dtype="str"), ["b"]).tolist()
    [False, False, True]
    """
    looked_up = pa.array(
        pd.Series(list(ids) if isinstance(ids, set | frozenset) else ids, dtype="str"),
        pa.large_string(),
        from_pandas=True,
    )
    found = pc.is_in(
        pa.array(values.astype("str"), pa.large_string(), from_pandas=True), looked_up.drop_null()
    )
    return pd.Series(found.to_numpy(zero_copy_only=False), index=values.index)


def match_ids(left: pd.Index, right: pd.Series) -> tuple[pd.Series, tuple[Finding, ...]]:
    """Rewrite the ids of a second table as those of the first.

    An id found as it is stays. An id that differs only by case or leading zeros is rewritten, if exactly one id of
    each side has that form; otherwise it stays, with a finding.

    Parameters
    ----------
    left : pandas.Index
        Clean ids of the first table.
    right : pandas.Series of str
        Clean ids of the second table; missing ids stay missing.

    Returns
    -------
    pandas.Series of str
        ``right`` rewritten, same index.
    tuple of Finding
        Ids repaired, and ids left alone since they could be several.

    Examples
    --------
    >>> match_ids(pd.Index(["0001", "CCU013"]), pd.Series(["1", "ccu013", "77"]))[0].tolist()
    ['0001', 'CCU013', '77']
    """
    targets = pd.Series(left.dropna().unique()).astype("str")
    known = pd.Series(right.dropna().unique()).astype("str")
    unknown = known[~is_among(known, targets)]
    column = str(right.name) if right.name is not None else ""
    if unknown.empty:
        return right, ()
    key, target_key = _key(unknown), _key(targets)
    is_single = ~is_among(key, _repeated(target_key)) & ~is_among(key, _repeated(_key(known)))
    found = is_among(key, target_key)
    to = pd.Series(targets.to_numpy(), index=target_key)
    to = to[~to.index.duplicated()]
    repaired = pd.Series(
        to.reindex(key[found & is_single]).to_numpy(), index=unknown[found & is_single], dtype="str"
    )
    hit = is_among(right, repaired.index)
    matched = right.astype("str").where(~hit, right.map(repaired))
    findings = []
    if len(repaired):
        findings.append(
            Finding(
                column,
                f"{counted(len(repaired), 'id')} on {counted(int(hit.sum()), 'row')} differed from the other table only by case "
                f"or leading zeros (first: {quoted(repaired.index[0])} is {quoted(repaired.iloc[0])}) and were joined.",
                int(hit.sum()),
            )
        )
    left_alone = unknown[found & ~is_single]
    if len(left_alone):
        n_rows = int(is_among(right, left_alone).sum())
        findings.append(
            Finding(
                column,
                f"{counted(len(left_alone), 'id')} on {counted(n_rows, 'row')} would fit several ids up to case or leading zeros "
                f"(first: {quoted(left_alone.iloc[0])}) and were left as they are.",
                n_rows,
            )
        )
    return matched, tuple(findings)


def _key(ids: pd.Series) -> pd.Series:
    """Fold case and drop leading zeros (but for the last digit)."""
    return ids.str.casefold().str.replace(r"^0+(.)", r"\1", regex=True)


def _repeated(keys: pd.Series) -> pd.Series:
    return keys[keys.duplicated()]
