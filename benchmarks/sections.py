"""Each benchmark writes its own section of docs/benchmarks.md and leaves the others."""

from __future__ import annotations

import os
import platform
from pathlib import Path

REPORT = Path(__file__).parents[1] / "docs" / "benchmarks.md"


def write_section(name: str, text: str) -> None:
    """Replace or append the section between the marks of this name."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    page = "# Benchmarks\n\nWritten by the scripts in `benchmarks/`.\n"
    if REPORT.exists():
        page = REPORT.read_text(encoding="utf-8")
    block = f"{begin}\n{text.strip()}\n{end}"
    if begin in page:
        page = page[: page.index(begin)] + block + page[page.index(end) + len(end) :]
    else:
        page = f"{page.rstrip()}\n\n{block}\n"
    REPORT.write_text(page, encoding="utf-8")


def machine() -> str:
    """Say what this was measured on."""
    return f"{os.cpu_count()} processors, {platform.system()}, Python {platform.python_version()}"
