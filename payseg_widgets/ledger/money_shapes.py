"""The shapes of written amounts, and their digits as whole numbers, for a whole column at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_ZERO, _NINE = ord("0"), ord("9")


def text_cells(text: pd.Series) -> pa.LargeStringArray:
    """Return text as one Arrow array, missing cells blank."""
    array = pa.array(text, type=pa.large_string(), from_pandas=True)
    return pc.fill_null(array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array, "")


def shapes_of(cells: pa.LargeStringArray) -> tuple[list[str], np.ndarray]:
    """Write 9 for each digit, but leave zeros in front of a run of digits.

    Returns
    -------
    list of str
        The distinct shapes in the order in which they come.
    numpy.ndarray of int
        Which one each cell has.

    Examples
    --------
    >>> shapes, codes = shapes_of(text_cells(pd.Series(["£1,250.00", "0.50", "£7,199.07"])))
    >>> shapes, codes.tolist()
    (['£9,999.09', '0.99'], [0, 1, 0])
    """
    data, starts = _bytes(cells)
    is_digit = _digits(data)
    follows = np.zeros(len(data), bool)
    follows[1:] = is_digit[:-1]
    follows[starts[starts < len(data)]] = False
    shaped = np.where(is_digit & (follows | (data != _ZERO)), np.uint8(_NINE), data)
    encoded = _strings(shaped, starts).dictionary_encode()
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy()


def whole_numbers(cells: pa.LargeStringArray) -> np.ndarray:
    """Read the digits of each cell as one whole number, whatever stands between them.

    Parameters
    ----------
    cells : pyarrow.LargeStringArray
        Each with a digit, and with 18 at most from the first that is not zero.

    Returns
    -------
    numpy.ndarray of int64

    Examples
    --------
    >>> whole_numbers(text_cells(pd.Series(["£1,250.00", "(0.50)"]))).tolist()
    [125000, 50]
    """
    data, starts = _bytes(cells)
    is_digit = _digits(data)
    n_before = np.concatenate([[0], np.cumsum(is_digit)])
    return _strings(data[is_digit], n_before[starts]).cast(pa.int64()).to_numpy()


def _bytes(cells: pa.LargeStringArray) -> tuple[np.ndarray, np.ndarray]:
    """Return the bytes of all cells, where each cell begins and, last, where the last one ends."""
    if not len(cells):
        return np.zeros(0, "uint8"), np.zeros(1, "int64")
    _, offsets, data = cells.buffers()
    starts = np.frombuffer(offsets, "int64")[cells.offset : cells.offset + len(cells) + 1]
    return np.frombuffer(data or b"", "uint8")[: starts[-1]], starts


def _digits(data: np.ndarray) -> np.ndarray:
    return (data >= _ZERO) & (data <= _NINE)


def _strings(data: np.ndarray, starts: np.ndarray) -> pa.LargeStringArray:
    buffers = [None, pa.py_buffer(np.ascontiguousarray(starts, "int64")), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.large_string(), len(starts) - 1, buffers)
