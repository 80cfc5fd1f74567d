"""A pytest plugin that refuses to import what the core must not need."""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder

BANNED = ("ipywidgets", "bokeh", "anywidget", "IPython", "aiohttp")


class Refuse(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BANNED:
            raise ModuleNotFoundError(f"the core imported {name}")
        return None


assert not set(BANNED) & set(sys.modules)
sys.meta_path.insert(0, Refuse())
