"""Widgets without a kernel: what they would send is kept, and an error in a callback fails the test."""

from __future__ import annotations

import sys

import ipywidgets
import pytest
from ipywidgets.widgets import widget


@pytest.fixture(autouse=True)
def loud_callbacks(monkeypatch):
    """ipywidgets hands an error in a callback to IPython, which without a kernel is nobody; here the test fails.

    A test that expects one takes it from the list.
    """
    errors = []

    class Loud:
        kernel = None

        def showtraceback(self):
            errors.append(sys.exc_info()[1])

    monkeypatch.setattr(widget, "get_ipython", Loud)
    yield errors
    if errors:
        raise errors[0]


@pytest.fixture(autouse=True)
def no_widget_outlives_its_test():
    yield
    ipywidgets.Widget.close_all()
