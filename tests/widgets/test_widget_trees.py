"""What each widget shows is what ``golden/`` says, which somebody has read: the notebooks compare one line of each only."""

from __future__ import annotations

import ipywidgets
import pytest

import payseg_widgets
from tests.widgets import golden
from tests.widgets.golden import FOLDER, WIDGETS, tree_text


@pytest.mark.parametrize("name", WIDGETS)
def test_a_widget_shows_what_was_agreed(name):
    agreed = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    assert tree_text(WIDGETS[name]()) == agreed, "as meant? uv run python -m tests.widgets.golden"


def test_a_picture_that_draws_the_wrong_column_has_another_tree_and_the_same_repr():
    right, wrong = golden.pane(), golden.pane(x="late", y="invoices")
    assert tree_text(wrong) != tree_text(right)
    assert repr(wrong) == repr(right)


def test_every_public_widget_has_its_tree():
    public = {
        name
        for name in payseg_widgets.__all__
        if isinstance(getattr(payseg_widgets, name), type)
        and issubclass(getattr(payseg_widgets, name), ipywidgets.Widget)
    }
    assert public <= {type(build()).__name__ for build in WIDGETS.values()}
