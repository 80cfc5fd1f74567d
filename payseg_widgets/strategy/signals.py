"""What rules look at: signals of risk, and of how much is at stake."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from payseg_widgets._registry import did_you_mean
from payseg_widgets.errors import StrategyError, UnknownNameError

#: Levels as segments have them, in order.
LEVELS = ("low", "medium", "high")
Threshold = float | str
"""A number, or one of `LEVELS`."""


@dataclass(frozen=True)
class Signal:
    """One figure of a customer or an open invoice.

    Attributes
    ----------
    name, label : str
    is_risk : bool
        Whether more of it is more risk. The others say how much is at stake.
    most : float
        Largest threshold that makes sense; the least is 0.
    is_level : bool
        Whether it is one of `LEVELS`; such a signal is held as 0, 1, 2.
    meaning : str
        One sentence.
    """

    name: str
    label: str
    is_risk: bool
    most: float
    meaning: str
    is_level: bool = False

    def threshold(self, given: object) -> Threshold:
        """Return a threshold as it was given if it is one.

        Raises
        ------
        UnknownNameError
            For a level that does not exist.
        StrategyError
            For what is no number, or one that lies outside.

        Examples
        --------
        >>> SIGNALS["segment_risk"].threshold("high"), SIGNALS["late_probability"].threshold(0.5)
        ('high', 0.5)
        """
        if self.is_level:
            if given not in LEVELS:
                raise UnknownNameError(f"{given!r} is no level. {did_you_mean(str(given), LEVELS)}")
            return str(given)
        return number(given, self.most)

    def code(self, threshold: Threshold) -> float:
        """Return a threshold on the scale the signal is held on."""
        return float(LEVELS.index(str(threshold))) if self.is_level else float(threshold)

    def told(self, value: float, threshold: Threshold, money: str) -> str:
        """Return the signal's value in words, with as many decimals as the threshold needs.

        Parameters
        ----------
        value : float
            On the scale the signal is held on.
        threshold : float or str
        money : str
            The open balance, for the signal that ranks it.
        """
        if self.is_level:
            return f"{self.label} {LEVELS[int(value)]}"
        if self.name == "balance_rank":
            rank = _down(100 * value, _decimals(100 * float(threshold), 0))
            return f"{self.label} {money} above {rank} % of those open"
        if self.name == "overdue_rank":
            rank = _down(100 * value, _decimals(100 * float(threshold), 0))
            return f"{self.label} above {rank} % of those overdue"
        least = 0 if self.name.startswith("days_") else 2
        return f"{self.label} {value:,.{_decimals(float(threshold), least)}f}"

    def told_threshold(self, threshold: Threshold) -> str:
        """Return a threshold in words."""
        if self.is_level:
            return str(threshold)
        if self.name.endswith("_rank"):
            return f"{100 * float(threshold):g} %"
        least = 0 if self.name.startswith("days_") else 2
        return f"{float(threshold):,.{_decimals(float(threshold), least)}f}"


def number(given: object, most: float) -> float:
    """Return a number between 0 and ``most``.

    Raises
    ------
    StrategyError
        For anything else.
    """
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    if not is_number or not math.isfinite(float(given)) or not 0 <= float(given) <= most:  # type: ignore[arg-type]
        raise StrategyError(f"{given!r} is no number from 0 to {most:g}; give one.")
    return float(given)  # type: ignore[arg-type]


@cache
def _decimals(threshold: float, least: int) -> int:
    """Return the decimals that show a threshold in full, at most 6.

    Rounding keeps the order: what is no less than a threshold does not look less when it is rounded to these.
    """
    return next((d for d in range(least, 6) if round(threshold, d) == threshold), 6)


def _down(value: float, decimals: int) -> str:
    """Return a number rounded down, so that nobody is above more of the others than he is."""
    scale = 10**decimals
    return f"{math.floor(value * scale + 1e-6) / scale:.{decimals}f}"


SIGNALS: dict[str, Signal] = {
    signal.name: signal
    for signal in (
        Signal(
            "segment_risk", "segment risk", True, 2, "Risk of the customer's segment: low, medium or high.", True
        ),
        Signal(
            "late_probability", "late probability", True, 1,
            "Of an open invoice, the chance that it is paid late, 1 where it is late already; of a customer, the share of its "
            "open balance expected to be late, or, with nothing open, the share of its past invoices that were.",
        ),
        Signal(
            "loss_ratio", "share not expected to be paid", True, 1,
            "Share of the open amount expected to be unpaid still `loss_days` after its due date; of a customer with something "
            "overdue, of its overdue amount.",
        ),
        Signal(
            "days_overdue", "days overdue", True, 3650,
            "Days past due of an open invoice that is overdue by the ledger's late rule, else 0; of a customer, their "
            "mean over what is overdue by amount, so that new orders hide nothing.",
        ),
        Signal(
            "days_past_due", "days past due", True, 3650,
            "Days from the due day to now of an open invoice, within days of grace too, 0 before; of a customer, of its oldest "
            "open invoice.",
        ),
        Signal(
            "value", "value", False, 2, "The customer's own value, by the money invoiced to it: low, medium or high.", True
        ),
        Signal(
            "balance_rank", "open balance", False, 1,
            "Share of the other customers with something open (of the other open invoices) with less open; "
            "as much counts half.",
        ),
        Signal(
            "overdue_rank", "overdue balance", False, 1,
            "Share of the other customers with something overdue (of the other overdue invoices) with less overdue; as much "
            "counts half. 0 with nothing overdue. A threshold keeps small remnants from being a reason.",
        ),
    )
}  # fmt: skip

Test = Callable[[np.ndarray, float], np.ndarray]
#: Kinds of condition: the first part of a threshold's name, how it is written, how it is tested. Missing never passes.
TESTS: dict[str, tuple[str, Test]] = {"min": (">=", np.greater_equal), "max": ("<=", np.less_equal)}
