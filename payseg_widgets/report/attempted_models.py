"""Write a comparison of models as Markdown: which were tried, their figures, why each worked or did not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd

from payseg_widgets.errors import PaysegError
from payseg_widgets.segmentation.compare import ModelComparison

_HEADINGS = {
    "label": "model", "score": "score", "n_segments": "segments", "least_stable": "least stable (Jaccard)",
    "invoices": "other invoices (ARI)", "halves": "two periods (ARI)", "later_explained": "later days late explained",
    "gain_over_none": "error of prediction removed", "share_unassigned": "in no segment",
    "smallest_share": "smallest segment", "seconds": "seconds", "peak_mb": "MB",
}  # fmt: skip
_SHARES = ("later_explained", "gain_over_none", "share_unassigned", "smallest_share")
_SPECIAL = re.compile(r"^[-+]|[\\`*_\[\]<>#|&~$]")


def attempted_models(comparison: ModelComparison) -> str:
    """Return the comparison as Markdown, the best model first.

    Text is escaped, so that nothing in it can become a link, a tag or a cell of its own.
    """
    table = comparison.ranked()
    lines = ["# Models tried", ""]
    if comparison.caution:
        lines += [f"**{_escaped(comparison.caution)}**", ""]
    lines += [_escaped(comparison.structure_sentence), ""]
    if comparison.periods is not None:
        lines += [f"Two periods: {_escaped(str(comparison.periods))}.", ""]
    lines += ["| " + " | ".join(_HEADINGS.values()) + " |", "|" + "---|" * len(_HEADINGS)]
    lines += [
        "| " + " | ".join(_cell(name, row[name]) for name in _HEADINGS) + " |"
        for row in table.to_dict("records")
    ]
    for model, row in table.iterrows():
        name = str(model)
        lines += ["", f"## {_escaped(str(row['label']))}", "", _escaped(str(row["account"]))]
        if name in comparison.why_k:
            lines += ["", f"Number of segments: {_escaped(comparison.why_k[name])}"]
        if name in comparison.later:
            lines += ["", _escaped(comparison.later[name].sentence)]
    lines += ["", "## What was decided on the way", ""]
    lines += [f"* {_escaped(note)}" for note in comparison.notes]
    return "\n".join(lines) + "\n"


def write_attempted_models(comparison: ModelComparison, path: str | Path) -> Path:
    """Write `attempted_models` to a file and return its path.

    Raises
    ------
    PaysegError
        If the file cannot be written.
    """
    path = Path(path)
    try:
        path.write_text(attempted_models(comparison), encoding="utf-8")
    except OSError as error:
        raise PaysegError(f"cannot write {str(path)!r}: {error.strerror}. Give another path.") from error
    return path


def _escaped(text: str) -> str:
    r"""Return text that Markdown shows as it is, in one line.

    >>> _escaped("a|b <i>")
    'a\\|b \\<i\\>'
    """
    return _SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))


def _cell(name: str, value: Any) -> str:
    if isinstance(value, str):
        return _escaped(value)
    if value is None or pd.isna(value):
        return "–"
    if name in _SHARES:
        return f"{value:.0%}"
    return f"{value:.0f}" if name in ("n_segments", "peak_mb") else f"{value:.2f}"
