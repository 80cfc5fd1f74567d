"""The examples of the docstrings run."""

from __future__ import annotations

import doctest
import importlib

import pytest

PARTS = ("conditions", "expression", "grammar", "grids", "literals")


@pytest.mark.parametrize("module", [*(f"selection.{part}" for part in PARTS), "contrast"])
def test_the_examples_of_a_docstring_print_what_they_say(module):
    outcome = doctest.testmod(importlib.import_module(f"payseg_widgets.views.{module}"))
    assert outcome.attempted
    assert outcome.failed == 0
