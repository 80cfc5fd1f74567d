"""Which request meets which fault: a seeded plan, or one written out."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence

from payseg_widgets.errors import EnrichmentError

#: Cost a request: it has to be asked again.
RETRIED = (
    "reset",
    "close",
    "short_body",
    "bad_gzip",
    "cut_json",
    "html_200",
    "html_502",
    "empty_200",
    "null",
    "list",
    "slow_headers",
    "drip",
    "redirect",
    "server_error",
    "wrong_company",
)
#: The answer can be read all the same.
HARMLESS = (
    "latin1",
    "wrong_charset",
    "reset_past",
    "reset_future",
    "no_headers",
    "clock_off",
    "duplicates",
    "saturated",
)
#: Everybody has to wait.
PAUSING = ("refused_connection", "too_many", "too_many_reset")
#: The request cannot be answered, or nobody may ask.
FINAL = ("out_of_range", "unauthorised", "forbidden")
KINDS = (*RETRIED, *HARMLESS, *PAUSING, *FINAL)


class FaultPlan:
    """Faults for the requests to come.

    Parameters
    ----------
    seed : int
    share : float
        Of all requests, between 0 and 1.
    kinds : sequence of str
        Drawn from with equal chance; default `RETRIED`.

    Raises
    ------
    EnrichmentError
        If a kind is not one of `KINDS`, or the share is no share.
    """

    def __init__(self, seed: int, share: float, kinds: Sequence[str] = RETRIED) -> None:
        _check(kinds)
        if not 0 <= share <= 1:
            raise EnrichmentError(f"share={share} must be between 0 and 1.")
        self._faults = _draw(random.Random(seed), share, list(kinds))  # noqa: S311  a simulation

    @classmethod
    def exactly(cls, faults: Iterable[str | None]) -> FaultPlan:
        """Plan these, in the order in which requests arrive (``None`` for no fault); none after them."""
        faults = list(faults)
        _check([fault for fault in faults if fault is not None])
        plan = cls(0, 0.0)
        plan._faults = iter(faults)
        return plan

    def next(self) -> str | None:
        """Draw the fault of the next request."""
        return next(self._faults, None)


def _draw(generator: random.Random, share: float, kinds: list[str]) -> Iterator[str | None]:
    while True:
        yield generator.choice(kinds) if generator.random() < share else None


def _check(kinds: Iterable[str]) -> None:
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown:
        raise EnrichmentError(f"No fault {unknown[0]!r} is known; there are {', '.join(KINDS)}.")
