"""A register server on this machine: for tests, tutorials and measurements, without the internet.

>>> from payseg_widgets.enrichment.company import Company
>>> from payseg_widgets.enrichment.testing import register_server
>>> with register_server([Company("01234567", "ACORN BAKERY LTD")]) as server:
...     server.url.startswith("http://127.0.0.1:")
True
"""

from __future__ import annotations

from typing import Any

__all__ = ["FaultPlan", "RegisterServer", "register_server", "simulate_companies"]

_HOMES = {
    "FaultPlan": "plan",
    "RegisterServer": "server",
    "register_server": "server",
    "simulate_companies": "companies",
}


def __getattr__(name: str) -> Any:  # the server's libraries are loaded when it is wanted
    if name in _HOMES:
        import importlib

        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
