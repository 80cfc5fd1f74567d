"""How loops over millions of rows are compiled."""

from __future__ import annotations

from numba import njit

#: Compiled at first use, kept on disk, run without the interpreter lock, and without counting references to arrays:
#: counting them at each call of an inner function took three quarters of the time of settling. Such a loop allocates
#: nothing; its caller hands it every array, scratch space too.
compiled = njit(cache=True, nogil=True, _nrt=False)
