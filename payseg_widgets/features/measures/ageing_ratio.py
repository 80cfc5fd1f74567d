"""How old the open balance is: its share not yet due and in each bucket of days past due."""

from __future__ import annotations

from payseg_widgets.features.ageing import DEFAULT_BUCKETS, ageing_measures
from payseg_widgets.features.measure import MEASURES

for _measure in ageing_measures(DEFAULT_BUCKETS):
    MEASURES.add(_measure.name, _measure)
