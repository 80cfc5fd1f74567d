"""The page's half: JavaScript modules of their own, joined into the one text that a widget or an HTML file carries."""

from __future__ import annotations

import re
from pathlib import Path

JS = Path(__file__).parent / "js"
_IMPORT = re.compile(r"^import \{[^}]*\} from \"\.{1,2}/[\w/.]+\";\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?function|const|class)", re.MULTILINE)


def joined(*modules: Path) -> str:
    """Join modules that import each other by name, each after those it needs, into one text without exports."""
    texts = (module.read_text(encoding="utf-8") for module in modules)
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", text)) for text in texts)
