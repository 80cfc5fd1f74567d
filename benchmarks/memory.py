"""Peak memory of this process alone."""

from __future__ import annotations

from pathlib import Path


def peak_gb() -> float:
    """Return the most memory this process has held, in GB (Linux).

    Not ``resource.getrusage``: a process that was started by a large one inherits that one's peak there.
    """
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024 / 1e9
