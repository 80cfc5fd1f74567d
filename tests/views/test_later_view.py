"""The later period as a picture: points and lines stand where the tests of the core say."""

from __future__ import annotations

import numpy as np
import pytest
from bokeh.models import Segment

from payseg_widgets import later_separation
from payseg_widgets.views.later import later_view


@pytest.fixture(scope="module")
def later(simulated):
    return later_separation(simulated.ledger, n_segments=3)


def test_each_difference_is_drawn_in_spreads_with_its_interval(later):
    view = later_view(later)
    lines = [r.data_source.data for r in view.figure.renderers if isinstance(r.glyph, Segment)]
    points = [r.data_source.data["x"][0] for r in view.figure.renderers if not isinstance(r.glyph, Segment)]
    known = later.effects[later.effects["conf_low"].notna()]
    np.testing.assert_allclose(points, known["effect"], rtol=1e-9)
    for line, point, row in zip(lines, points, known.to_dict("records"), strict=True):
        assert line["x0"][0] < point < line["x1"][0]
        wide = (row["conf_high"] - row["conf_low"]) / (line["x1"][0] - line["x0"][0])
        assert wide == pytest.approx(row["difference"] / row["effect"])


def test_its_twin_is_in_the_units_of_the_outcomes(later):
    view = later_view(later)
    assert view.sentence == later.sentence
    np.testing.assert_array_equal(view.table["difference"], later.effects["difference"])
    assert set(view.table["segment"]) == {1, 2, 3}
