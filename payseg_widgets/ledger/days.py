"""A day given by the caller, never guessed."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from payseg_widgets.errors import LedgerError

_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ].*)?", re.DOTALL)


def day_of(value: Any, name: str = "") -> pd.Timestamp:
    """Return the day a caller means, at midnight.

    Parameters
    ----------
    value : str, datetime.date, datetime.datetime, pandas.Timestamp or numpy.datetime64
        Text must be ``YYYY-MM-DD``, with or without a time; a time and its zone are dropped.
    name : str
        The option, for the error.

    Raises
    ------
    LedgerError
        If the value is anything else: ``01/06/2013`` is two days, and a number is none.

    Examples
    --------
    >>> day_of("2013-06-01")
    Timestamp('2013-06-01 00:00:00')
    >>> day_of("01/06/2013", "as_of")
    Traceback (most recent call last):
    payseg_widgets.errors.LedgerError: as_of='01/06/2013' is not a day: write it as YYYY-MM-DD, like '2024-06-30'.
    """
    moment: Any = None
    if isinstance(value, str) and _ISO.fullmatch(value.strip()):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:  # no such day
            moment = None
    elif isinstance(value, date | np.datetime64):
        moment = value
    if moment is None or pd.isna(moment):
        shown = f"{name}={value!r}" if name else f"{value!r}"
        raise LedgerError(f"{shown} is not a day: write it as YYYY-MM-DD, like '2024-06-30'.")
    return pd.Timestamp(moment).tz_localize(None).normalize().as_unit("s")
