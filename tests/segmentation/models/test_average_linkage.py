from __future__ import annotations

import numpy as np

from payseg_widgets.segmentation.model import MODELS


def test_average_linkage_sets_a_lone_customer_apart_where_ward_halves_the_crowd():
    """On a line: 20 customers evenly from 0 to 19 and one at 60.

    Mean distance of the lone one to all others 50.5, of the two halves 10: average linkage joins the halves last but
    one. Ward adds (10 * 10 / 20) * 10 ** 2 = 500 for the halves, (1 * 20 / 21) * 50.5 ** 2 = 2,429 for the lone one: it
    too sets it apart; at 30 it adds 400 only and is joined first.
    """
    crowd = np.arange(20.0)
    for lone, apart in ((60.0, True), (30.0, False)):
        rows = np.append(crowd, lone)[:, None]
        ward = MODELS["hierarchical"].fit(rows, 2)
        assert bool(np.bincount(ward.labels).min() == 1) is apart
    average = MODELS["average_linkage"].fit(np.append(crowd, 30.0)[:, None], 2)
    assert np.bincount(average.labels).min() == 1
