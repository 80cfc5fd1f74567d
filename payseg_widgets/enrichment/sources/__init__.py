"""Where facts about customers come from, one source a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from payseg_widgets.enrichment.source import Source


def open_source(
    source: Source | str | Path | None,
    *,
    tell: Callable[[str, int, int], None] = lambda _what, _done, _total: None,
) -> Source | None:
    """Return a source that can be asked: one given as it is, a path as the register's bulk file.

    Raises
    ------
    EnrichmentError
        If the path holds no register.
    """
    if not isinstance(source, str | Path):
        return source
    from payseg_widgets.enrichment.sources.companies_house_bulk import BulkRegister

    return BulkRegister.open(source, tell=tell)
