from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from payseg_widgets import Selection
from payseg_widgets.segmentation.rules import Condition, Rule
from payseg_widgets.views.rule_selection import rule_selection

bounds = st.builds(
    Condition, st.sampled_from(["days", "late share"]), st.sampled_from([">", "<="]), st.floats(-50, 50)
)


@given(st.lists(bounds, max_size=3))
def test_the_condition_typed_in_the_explorer_picks_whom_the_rule_picks(conditions):
    rule = Rule(tuple(conditions))
    values = np.append(np.linspace(-60, 60, 41), np.nan)
    edges = [condition.value for condition in conditions]
    table = pd.DataFrame({"days": [*values, *edges], "late share": [*values[::-1], *edges]})
    typed = Selection.parse(str(rule_selection(rule)))
    np.testing.assert_array_equal(typed.hits(table), rule.picks(table))
