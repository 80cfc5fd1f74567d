"""Find the companies of a register whose names are like a given one.

First by the very core of the name, then by its three-letter pieces (BM25). Pieces are those of the words, each word
marked at its ends, so that the order of words does not matter. A name's commonest pieces are left out of its query: they
cost most of the time and tell least.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from payseg_widgets._cancel import CancelSignal
from payseg_widgets.enrichment.frequencies import Frequencies, count_words
from payseg_widgets.enrichment.names import ParsedName, parse_registered_name
from payseg_widgets.enrichment.register import Register
from payseg_widgets.enrichment.source import Tell
from payseg_widgets.errors import Cancelled, EnrichmentError

#: Made anew when the way names are read or cut into pieces changes.
FORMAT = 2
#: Names a query may visit, as a share of the register and at least so many; and the fewest pieces it must hold.
_VISITED, _VISITED_AT_LEAST, _FEWEST = 0.12, 3_000, 5


_BYTES = np.array([1, 1 << 8, 1 << 16])


class _Pieces(Protocol):
    """An inverted index from three-letter pieces to positions."""

    def add(self, position: int, pieces: Sequence[str]) -> None: ...
    def finish(self) -> None: ...
    def count(self, piece: str) -> int: ...
    def search(self, pieces: Sequence[str], k: int) -> list[int]: ...


def pieces_of(core: str) -> list[str]:
    """Cut a core into three-letter pieces.

    Examples
    --------
    >>> pieces_of("OAK CO")
    ['_OA', 'OAK', 'AK_', '_CO', 'CO_']
    """
    pieces = []
    for word in core.split():
        marked = f"_{word}_"
        pieces += [marked[k : k + 3] for k in range(len(marked) - 2)]
    return list(dict.fromkeys(pieces))


class NameIndex:
    """Candidates for a name among the companies of a register, former names included.

    Parameters
    ----------
    register : Register
    engine : {"tantivy", "sqlite"}, optional
        By default tantivy where it can be imported, else the full-text search of SQLite: slower, finds the same.
    tell : callable, optional
        Called as ``tell(what, done, total)`` while the index is made.
    cancel : object with ``is_set()``, optional
        Looked at while the index is made, every 50,000 companies.

    Raises
    ------
    Cancelled
        If ``cancel`` was set; nothing of the index is kept.

    Notes
    -----
    The index is made at first use and kept in the register's folder; it is made anew when the register's file changes.
    """

    def __init__(
        self,
        register: Register,
        *,
        engine: str | None = None,
        tell: Tell = lambda _what, _done, _total: None,
        cancel: CancelSignal | None = None,
    ) -> None:
        self.register = register
        self.engine = engine or ("tantivy" if _has_tantivy() else "sqlite")
        if self.engine not in _ENGINES:
            raise EnrichmentError(
                f"there is no engine {self.engine!r}; choose one of {', '.join(sorted(_ENGINES))}."
            )
        self.folder = register.folder / f"names.{self.engine}"
        if not self._is_current():
            self._build(tell, cancel)
        self._pieces = _ENGINES[self.engine](self.folder, False)
        self._starts = np.load(self.folder / "starts.npy")
        self._cores = np.load(self.folder / "cores.npy", mmap_mode="r")
        words = json.loads((self.folder / "words.json").read_text(encoding="utf-8"))
        self.frequencies = Frequencies(words["n_names"], words["counts"], words["rare"])
        self._counts: dict[str, int] = {}

    def __repr__(self) -> str:
        return f"NameIndex({len(self.register):,} companies, {self.engine}, {self.megabytes:.1f} MB)"

    @property
    def megabytes(self) -> float:
        """Size on disk."""
        return sum(file.stat().st_size for file in self.folder.rglob("*") if file.is_file()) / 1e6

    def candidates(
        self, parsed: ParsedName, k: int = 30, *, exact: Sequence[int] | None = None
    ) -> np.ndarray:
        """Return positions in the register, those with the very core first, then by likeness of pieces.

        Parameters
        ----------
        parsed : ParsedName
        k : int
            How many by pieces; every company with the very core comes besides, up to 50.
        exact : sequence of int, optional
            What `exact` says of the name, where it was asked before.

        Returns
        -------
        numpy.ndarray of int
            Without repeats; empty for a name without a core.
        """
        found = list(self.exact(parsed) if exact is None else exact)
        for reading in parsed.readings:
            found += self._alike(reading, k)
        return np.array(list(dict.fromkeys(found)), dtype="int64")

    def exact(self, parsed: ParsedName) -> list[int]:
        """Return the positions of companies whose name, now or formerly, has one of the cores; a few are false."""
        found: list[int] = []
        if parsed.readings:
            for code in _hashed(parsed.readings):
                block = self._cores[self._starts[code >> 16] : self._starts[(code >> 16) + 1]]
                same = block[block[:, 0] == (code >> 8) & 255][:50, 1:]
                found += (same @ _BYTES).tolist()
        return found

    def _alike(self, core: str, k: int) -> list[int]:
        pieces = sorted(pieces_of(core), key=self._count)
        limit = max(_VISITED * len(self.register), _VISITED_AT_LEAST)
        visited = 0
        kept: list[str] = []
        for piece in pieces:
            n = self._count(piece)
            if visited + n > limit and len(kept) >= _FEWEST:
                break
            visited += n
            if n:
                kept.append(piece)
        return self._pieces.search(kept, k) if kept else []

    def _count(self, piece: str) -> int:
        n = self._counts.get(piece)
        if n is None:
            n = self._counts[piece] = self._pieces.count(piece)
        return n

    def _stamp(self) -> dict[str, Any]:
        stat = self.register.file.stat()
        return {
            "format": FORMAT,
            "companies": len(self.register),
            "bytes": stat.st_size,
            "written": stat.st_mtime_ns,
        }

    def _is_current(self) -> bool:
        stamp = self.folder / "stamp.json"
        return stamp.is_file() and json.loads(stamp.read_text(encoding="utf-8")) == self._stamp()

    def _build(self, tell: Tell, cancel: CancelSignal | None) -> None:
        """Build beside and move into place, so that an index cut short is never read."""
        unfinished = self.folder.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        try:
            self._write(unfinished, tell, cancel)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        shutil.rmtree(self.folder, ignore_errors=True)
        unfinished.rename(self.folder)

    def _write(self, unfinished: Path, tell: Tell, cancel: CancelSignal | None) -> None:
        pieces = _ENGINES[self.engine](unfinished, True)
        hashes, rows = [], []

        def cores() -> Iterator[str]:
            for start in range(0, len(self.register), 50_000):
                tell("indexing the register's names", start, len(self.register))
                if cancel is not None and cancel.is_set():
                    raise Cancelled("Indexing the register was stopped; the next run begins it anew.")
                named = [
                    (row, parse_registered_name.__wrapped__(name).core)
                    for row, name in _names(self.register, start)
                ]
                hashes.append(_hashed([core for _, core in named]))
                rows.append(np.array([row for row, _ in named], dtype="uint32"))
                for row, core in named:
                    pieces.add(row, pieces_of(core))
                    yield core

        frequencies = count_words(cores(), at_least=5 if len(self.register) > 20_000 else 1)
        pieces.finish()
        starts, entries = _packed(np.concatenate([*hashes, []]), np.concatenate([*rows, []]))
        np.save(unfinished / "starts.npy", starts)
        np.save(unfinished / "cores.npy", entries)
        words = {"n_names": frequencies.n_names, "rare": frequencies.rare, "counts": dict(frequencies.counts)}
        (unfinished / "words.json").write_text(json.dumps(words, separators=(",", ":")), encoding="utf-8")
        (unfinished / "stamp.json").write_text(json.dumps(self._stamp()), encoding="utf-8")


def _names(register: Register, start: int) -> Iterator[tuple[int, str]]:
    """Yield current and former names of 50,000 companies with their positions."""
    names = register.column("name").slice(start, 50_000).to_pylist()
    former = register.column("previous_names").slice(start, 50_000).to_pylist()
    for row, (name, others) in enumerate(zip(names, former, strict=True), start):
        yield row, name or ""
        for other in others or ():
            yield row, other["name"] or ""


def _hashed(cores: Sequence[str]) -> np.ndarray:
    return (
        pd.util.hash_array(np.array(cores, dtype=object), categorize=False).astype("uint32").astype("int64")
    )


def _packed(codes: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Four bytes a core: its place is told by 16 bits of its code, one byte checks 8 more, three hold the position.

    Among a million names one look-up in fifteen also finds a company that is not meant; scoring tells it apart.
    """
    order = np.argsort(codes, kind="stable")
    codes, rows = codes[order].astype("int64"), rows[order].astype("int64")
    if len(rows) and rows.max() >= 1 << 24:
        raise EnrichmentError(
            f"a register of {rows.max() + 1:,} companies is too large; {1 << 24:,} can be indexed."
        )
    starts = np.searchsorted(codes >> 16, np.arange((1 << 16) + 1)).astype("uint32")
    columns = [(codes >> 8) & 255, rows & 255, (rows >> 8) & 255, rows >> 16]
    return starts, np.column_stack(columns).astype("uint8")


def _has_tantivy() -> bool:
    try:
        import tantivy  # noqa: F401
    except ImportError:
        return False
    return True


class _TantivyPieces:
    """Pieces in a tantivy index without positions or frequencies."""

    def __init__(self, folder: Path, is_new: bool) -> None:
        import tantivy

        self._tantivy = tantivy
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("pieces", tokenizer_name="pieces", index_option="basic")
        builder.add_unsigned_field("row", fast=True)
        home = folder / "pieces"
        if is_new:
            home.mkdir()
        self._index = tantivy.Index(builder.build(), path=str(home), reuse=not is_new)
        splitter = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        self._index.register_tokenizer("pieces", splitter)
        self._writer: Any = self._index.writer(120_000_000, 1) if is_new else None
        self._searcher = self._index.searcher()

    def add(self, position: int, pieces: Sequence[str]) -> None:
        document = self._tantivy.Document()
        document.add_text("pieces", " ".join(pieces))
        document.add_unsigned("row", position)
        self._writer.add_document(document)

    def finish(self) -> None:
        self._writer.commit()
        self._writer.wait_merging_threads()

    def count(self, piece: str) -> int:
        return self._searcher.doc_freq("pieces", piece)

    def search(self, pieces: Sequence[str], k: int) -> list[int]:
        query = self._tantivy.Query
        any_of, schema = self._tantivy.Occur.Should, self._index.schema
        terms = [(any_of, query.term_query(schema, "pieces", piece, "basic")) for piece in pieces]
        hits = self._searcher.search(query.boolean_query(terms), k, count=False).hits
        return list(self._searcher.fast_field_values("row", [address for _, address in hits]))


class _SqlitePieces:
    """Pieces in an FTS5 table of SQLite; its own trigram tokenizer knows no ends of words, so pieces are its tokens."""

    def __init__(self, folder: Path, is_new: bool) -> None:
        self._database = sqlite3.connect(folder / "pieces.sqlite", check_same_thread=False)
        if is_new:
            self._database.execute("PRAGMA journal_mode=OFF")
            self._database.execute(
                "CREATE VIRTUAL TABLE names USING fts5(pieces, content='', "
                "tokenize=\"unicode61 tokenchars '_'\")"
            )
            self._database.execute("CREATE TABLE rows (id INTEGER PRIMARY KEY, row INTEGER)")
            self._next = 1
        else:
            self._database.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, names, row)")

    def add(self, position: int, pieces: Sequence[str]) -> None:
        self._database.execute(
            "INSERT INTO names(rowid, pieces) VALUES (?, ?)", (self._next, " ".join(pieces))
        )
        self._database.execute("INSERT INTO rows VALUES (?, ?)", (self._next, position))
        self._next += 1

    def finish(self) -> None:
        self._database.execute("INSERT INTO names(names) VALUES ('optimize')")
        self._database.commit()
        self._database.close()

    def count(self, piece: str) -> int:
        found = self._database.execute(
            "SELECT doc FROM temp.words WHERE term = ?", (piece.lower(),)
        ).fetchone()
        return found[0] if found else 0

    def search(self, pieces: Sequence[str], k: int) -> list[int]:
        question = " OR ".join(f'"{piece}"' for piece in pieces)
        hits = self._database.execute(
            "SELECT row FROM (SELECT rowid AS hit FROM names WHERE names MATCH ? ORDER BY rank LIMIT ?) "
            "JOIN rows ON rows.id = hit",
            (question, k),
        ).fetchall()
        return [row for (row,) in hits]


_ENGINES: dict[str, Callable[[Path, bool], Any]] = {"tantivy": _TantivyPieces, "sqlite": _SqlitePieces}
