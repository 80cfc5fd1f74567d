"""Sort short arrays inside compiled loops."""

from __future__ import annotations

import numpy as np

from payseg_widgets._compiled import compiled

#: Gaps of Ciura (2001), continued by a factor of 9 / 4.
_GAPS = np.array([1] + [4, 10, 23, 57, 132, 301, 701] + [701 * 9**k // 4**k for k in range(1, 26)])

#: Up to this many values insertion alone is fastest.
_SHORT = 40


@compiled
def sort_in_place(values):  # type: ignore[no-untyped-def]  # numba infers
    """Sort in place by Shell's method; by insertion alone when short, which most customers are.

    numba's own sort takes seconds to compile.

    References
    ----------
    Ciura, M. (2001). Best increments for the average case of Shellsort. Lecture Notes in Computer Science 2138, 106-117.
    """
    n, k = len(values), 0
    if n > _SHORT:
        while k + 1 < len(_GAPS) and _GAPS[k + 1] < n:
            k += 1
        for gap in _GAPS[k:0:-1]:
            for i in range(gap, n):
                value, j = values[i], i - gap
                while j >= 0 and values[j] > value:
                    values[j + gap] = values[j]
                    j -= gap
                values[j + gap] = value
    for i in range(1, n):
        value, j = values[i], i - 1
        while j >= 0 and values[j] > value:
            values[j + 1] = values[j]
            j -= 1
        values[j + 1] = value
