"""The lines of a delimited file, and which of them are whole records by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LINE_FEED, _RETURN, _QUOTE = b'\n\r"'


class Lines:
    """The lines of a UTF-8 file behind its headings, decoded one by one when asked for.

    Attributes
    ----------
    n_bytes : numpy.ndarray of int
        Length of each line.
    is_plain : numpy.ndarray of bool
        Lines that, where a record begins, are one record with as many cells as asked for: their quotation marks, if
        any, open at the start of a cell and close at its end.
    """

    def __init__(self, path: Path, first: int, delimiter: str, width: int) -> None:
        content = path.read_bytes()
        data = np.frombuffer(content, "uint8")[3 if content.startswith(_BYTE_ORDER_MARK) else 0 :]
        is_end = data == _LINE_FEED
        is_return = data == _RETURN
        is_end |= is_return & np.append(~is_end[1:], True)
        stops = np.flatnonzero(is_end) + 1
        if len(data) and (not len(stops) or stops[-1] < len(data)):
            stops = np.append(stops, len(data))
        stops = stops[first - 1 :] if first else np.concatenate([[0], stops])
        self._starts, self._stops, self._data, self._delimiter = stops[:-1], stops[1:], data, delimiter
        self.n_bytes = self._stops - self._starts
        self.is_plain = np.zeros(len(self), bool)
        if len(self) and width > 1 and delimiter.isascii():
            self.is_plain = self._are_plain(ord(delimiter), width)
        self._others = np.flatnonzero(~self.is_plain)

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, line: int) -> str:
        return self._data[self._starts[line] : self._stops[line]].tobytes().decode()

    def next_other(self, line: int) -> int:
        """Return the first line from here on that is not plain, or how many lines there are."""
        at = int(np.searchsorted(self._others, line))
        return int(self._others[at]) if at < len(self._others) else len(self)

    def cells(self, runs: Sequence[tuple[int, int]], width: int) -> tuple[pa.Table, np.ndarray]:
        """Read runs of plain lines at once; return their cells and the number of each line."""
        names = [f"c{i}" for i in range(width)]
        numbers = np.concatenate([np.zeros(0, "int64"), *(np.arange(*run) for run in runs)])
        if not runs:
            return pa.table([pa.array([], pa.large_string())] * width, names=names), numbers
        # a last line without an end may be followed by none, since runs are in order
        parts = [self._data[self._starts[first] : self._stops[stop - 1]].tobytes() for first, stop in runs]
        table = csv.read_csv(
            pa.BufferReader(b"".join(parts)),
            read_options=csv.ReadOptions(column_names=names, block_size=1 << 25),
            parse_options=csv.ParseOptions(delimiter=self._delimiter, ignore_empty_lines=False),
            convert_options=csv.ConvertOptions(column_types=dict.fromkeys(names, pa.large_string())),
        )
        return table, numbers

    def _are_plain(self, delimiter: int, width: int) -> np.ndarray:
        low, high = self._starts[0], self._stops[-1]
        data = self._data
        quotes = low + np.flatnonzero(data[low:high] == _QUOTE)
        cuts = low + np.flatnonzero(data[low:high] == delimiter)
        cut_line = np.searchsorted(self._stops, cuts, "right")
        is_good = self.n_bytes <= 1_000_000
        if len(quotes):
            line = np.searchsorted(self._stops, quotes, "right")
            first = np.searchsorted(
                quotes, self._starts
            )  # of each line, its first quote or where it would be
            is_opening = (np.arange(len(quotes)) - first[line]) % 2 == 0
            before, behind = data[np.maximum(quotes - 1, 0)], data[np.minimum(quotes + 1, len(data) - 1)]
            may_open = (quotes == self._starts[line]) | np.isin(before, [delimiter, _QUOTE])
            is_last = quotes + 1 == self._stops[line]
            may_close = is_last | np.isin(behind, [delimiter, _QUOTE, _LINE_FEED, _RETURN])
            is_good[line[~np.where(is_opening, may_open, may_close)]] = False
            is_good &= np.bincount(line, minlength=len(self)) % 2 == 0
            cut_line = cut_line[(np.searchsorted(quotes, cuts) - first[cut_line]) % 2 == 0]
        return is_good & (np.bincount(cut_line, minlength=len(self)) == width - 1)
