"""How long a run still takes, with a clock made by hand."""

from __future__ import annotations

import pytest

from payseg_widgets.segmentation.progress import STAGES
from payseg_widgets.widgets.pace import TYPICAL, Pace


def test_a_first_run_tells_the_time_left_from_the_typical_shares():
    pace = Pace(100.0)
    assert pace.begin("prepare", 100.0) == (pytest.approx(0), None)
    assert pace.begin("choose", 101.0) == (pytest.approx(0.02), None)  # too little done to tell
    share, left = pace.begin("fit", 106.0)
    assert share == pytest.approx(0.24)
    assert left == pytest.approx(6 * 0.76 / 0.24)


def test_a_later_run_takes_as_long_as_the_one_before():
    before = dict(zip(STAGES, [1.0, 2.0, 3.0, 4.0, 5.0, 5.0], strict=True))
    pace = Pace(0.0, before)
    assert pace.begin("prepare", 0.0) == (0, 20)
    assert pace.begin("fit", 9.0) == (pytest.approx(0.15), 17)


def test_the_seconds_of_each_stage_add_up_to_the_run():
    pace = Pace(10.0)
    for now, stage in enumerate(STAGES, start=10):
        pace.begin(stage, float(now) ** 2)
    pace.end(400.0)
    assert sum(pace.seconds.values()) == 400 - 100
    assert set(pace.seconds) == set(STAGES)


def test_every_stage_has_a_typical_share_and_they_sum_to_one():
    assert tuple(TYPICAL) == STAGES
    assert sum(TYPICAL.values()) == pytest.approx(1)
