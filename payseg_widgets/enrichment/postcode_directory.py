"""The ONS Postcode Directory, where the user has it: the region of every single postcode."""

from __future__ import annotations

import re
import tempfile
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from payseg_widgets.enrichment.facts.areas import REGION_CODES
from payseg_widgets.enrichment.postcode import Postcode, find_postcode
from payseg_widgets.enrichment.regions import CROWN, UNKNOWN, RegionOf, region_of
from payseg_widgets.errors import EnrichmentError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

_CODES = {ons: region for region, (_, ons) in REGION_CODES.items()}
#: Regions are of England alone; the directory fills the other countries' with these.
_CODES |= {
    "W99999999": "Wales", "S99999999": "Scotland", "N99999999": "Northern Ireland",
    "L93000001": CROWN, "M83000003": CROWN, "L99999999": CROWN, "M99999999": CROWN,
}  # fmt: skip
_CLASSES = (*REGION_CODES, CROWN, UNKNOWN)
_WIDTH = 7
#: The files of different years name their columns pcd, pcds, pcd7 or pcd8; rgn, rgncd, rgn21cd or rgn25cd; ctry alike.
_COLUMNS = {
    "postcode": r"pcds|pcd8|pcd7|pcd2|pcd",
    "region": r"rgn(\d\d)?(cd)?",
    "country": r"ctry(\d\d)?(cd)?",
}
_NEXT = (
    "Point at the ONS Postcode Directory (ONSPD) or National Statistics Postcode Lookup, as downloaded from the "
    "Open Geography portal: the ZIP itself or the one large CSV in its Data folder."
)


@dataclass(frozen=True, repr=False)
class PostcodeDirectory:
    """The region of every postcode there is or was, eight bytes each.

    Attributes
    ----------
    postcodes : numpy.ndarray of bytes
        Without the space between, filled to seven characters, sorted.
    codes : numpy.ndarray of int8
        Position of the region in the directory's classes.
    source : str
        Name of the file it was read from.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "ONSPD.csv"
    >>> _ = file.write_text(chr(10).join(["pcds,ctry,rgn", "MK19 6AA,E92000001,E12000004"]))
    >>> PostcodeDirectory.read(file).region_of("MK19 6AA")
    RegionOf(region='East Midlands', share=1.0, others=(), basis='ONS Postcode Directory')
    """

    postcodes: np.ndarray = field(compare=False)
    codes: np.ndarray = field(compare=False)
    source: str

    def __repr__(self) -> str:
        return f"PostcodeDirectory({self.source!r}, postcodes={len(self.postcodes)})"[:110]

    def __len__(self) -> int:
        return len(self.postcodes)

    @classmethod
    def read(cls, path: str | Path) -> PostcodeDirectory:
        """Read the directory from its CSV, or from the ZIP it comes in.

        Raises
        ------
        EnrichmentError
            If there is no such file, or it has no columns of postcodes and regions.
        """
        path = Path(path)
        if not path.is_file():
            raise EnrichmentError(f"There is no file {path.name!r} to read postcodes from. {_NEXT}")
        with _as_csv(path) as file:
            postcodes, regions = _read_csv(file, path.name)
        if not len(postcodes):
            raise EnrichmentError(f"{path.name!r} holds no postcode. {_NEXT}")
        return cls(postcodes, regions, path.name)

    def region_of(self, postcode: Postcode | str | None) -> RegionOf:
        """Return the region of a postcode; one that the directory does not have goes by its district.

        Returns
        -------
        RegionOf
            ``basis`` says which of the two it was.
        """
        code = find_postcode(postcode) if not isinstance(postcode, Postcode) else postcode
        key = np.bytes_(code.unit.replace(" ", "").ljust(_WIDTH).encode()) if code else np.bytes_(b"")
        at = int(np.searchsorted(self.postcodes, key))
        if at == len(self) or self.postcodes[at] != key:
            return region_of(code)
        region = _CLASSES[self.codes[at]]
        return region_of(code) if region == UNKNOWN else RegionOf(region, basis="ONS Postcode Directory")


@contextmanager
def _as_csv(path: Path) -> Iterator[Path]:
    """Give the CSV file; from a ZIP the largest that is named as the directory is, else the largest."""
    if not zipfile.is_zipfile(path):
        yield path
        return
    with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory(prefix="payseg-") as folder:
        members = [m for m in archive.infolist() if m.filename.lower().endswith(".csv")]
        if not members:
            raise EnrichmentError(f"{path.name!r} holds no CSV file. {_NEXT}")
        named = [m for m in members if re.search(r"(onspd|nspl)[^/]*$", m.filename, re.IGNORECASE)]
        largest = max(named or members, key=lambda m: m.file_size)
        yield Path(archive.extract(largest, folder))


def _read_csv(file: Path, shown: str) -> tuple[np.ndarray, np.ndarray]:
    """Return postcodes, sorted, and the position of each one's class."""
    import duckdb

    with duckdb.connect() as connection:
        try:
            given = connection.sql(
                "SELECT * FROM read_csv(?, all_varchar=true, header=true)", params=[str(file)]
            )
            postcode, region, country = _columns(given.columns, shown)
            query = (
                f"SELECT rpad(p, {_WIDTH}, ' ') p, CASE WHEN r LIKE 'E%' THEN r ELSE c END r FROM ("  # noqa: S608
                f"SELECT upper(replace({postcode}, ' ', '')) p, {region} r, {country} c FROM given"
                ") WHERE regexp_full_match(p, '[A-Z0-9]{5,7}') ORDER BY p"
            )
            chosen = given.query("given", query)
            assert chosen is not None, "a SELECT gives a relation"  # noqa: S101
            table = chosen.to_arrow_table()
        except duckdb.Error as error:
            raise EnrichmentError(
                f"{shown!r} cannot be read as a table of comma-separated values. {_NEXT}"
            ) from error
    return _packed(table)


def _packed(table: pa.Table) -> tuple[np.ndarray, np.ndarray]:
    """Return the columns as arrays of fixed width: millions of Python texts would take ten times the room."""
    postcodes = np.frombuffer("".join(table["p"].to_pylist()).encode(), f"S{_WIDTH}")
    coded = table["r"].combine_chunks().dictionary_encode()
    classes = [_CLASSES.index(_CODES.get(code, UNKNOWN)) for code in coded.dictionary.to_pylist()]
    at = coded.indices.fill_null(len(classes)).to_numpy()
    return postcodes, np.array([*classes, _CLASSES.index(UNKNOWN)], np.int8)[at]


def _columns(headings: list[str], shown: str) -> tuple[str, str, str]:
    """Return the columns of postcode, region and country, quoted for SQL."""
    found = []
    for wanted, pattern in _COLUMNS.items():
        named = [heading for heading in headings if re.fullmatch(pattern, heading.strip(), re.IGNORECASE)]
        if not named:
            first = ", ".join(headings[:8])[:160]
            raise EnrichmentError(
                f"{shown!r} has no column for the {wanted}; its columns begin {first}. {_NEXT}"
            )
        found.append('"' + named[0].replace('"', '""') + '"')
    return found[0], found[1], found[2]
