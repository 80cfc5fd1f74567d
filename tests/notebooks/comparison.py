"""Run notebooks with nbval, strictly, in a process of their own: its kernels and pytest-xdist do not share one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SANITIZE = Path(__file__).with_name("sanitize.cfg")


def nbval(*notebooks: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the notebooks and compare every output with the one in the file; a failure names notebook and cell."""
    strictly = [
        "--nbval",
        "--nbval-current-env",
        "--nbval-cell-timeout=120",
        f"--nbval-sanitize-with={SANITIZE}",
    ]
    apart = ["-o", "addopts=", "-p", "no:cacheprovider", "-p", "no:xdist", "-q", "-rf", "--no-header"]
    command = [sys.executable, "-m", "pytest", *strictly, *apart, f"--rootdir={folder}", *map(str, notebooks)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
