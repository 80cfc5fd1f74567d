"""Who may load aiohttp, and when."""

import re
import subprocess
import sys
from pathlib import Path

import payseg_widgets.enrichment

ROOM = Path(payseg_widgets.enrichment.__file__).parent


def test_only_the_transport_and_the_local_server_import_aiohttp():
    files = [
        file
        for file in ROOM.rglob("*.py")
        if re.search(r"^\s*(import|from) aiohttp", file.read_text("utf-8"), re.M)
    ]
    assert sorted(file.relative_to(ROOM).as_posix() for file in files) == [
        "client/transport.py",
        "testing/faults.py",
        "testing/server.py",
    ]


def test_it_is_loaded_when_the_register_is_asked_and_not_before():
    code = (
        "import sys, payseg_widgets.enrichment.sources.companies_house, payseg_widgets.enrichment.testing.virtual;"
        "print([name for name in ('aiohttp', 'keyring') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
