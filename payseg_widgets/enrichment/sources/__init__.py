"""Where facts about customers come from, one source a file."""

from __future__ import annotations

from pathlib import Path

from payseg_widgets._cancel import CancelSignal
from payseg_widgets.enrichment.source import Source, Tell


def open_source(
    source: Source | str | Path | None,
    *,
    tell: Tell = lambda _what, _done, _total: None,
    cancel: CancelSignal | None = None,
) -> Source | None:
    """Return a source that can be asked: one given as it is, a path as the register's bulk file.

    Raises
    ------
    EnrichmentError
        If the path holds no register.
    Cancelled
        If ``cancel`` was set while the register was indexed.
    """
    if not isinstance(source, str | Path):
        return source
    from payseg_widgets.enrichment.sources.companies_house_bulk import BulkRegister

    return BulkRegister.open(source, tell=tell, cancel=cancel)
