"""The options of `read_ledger`, checked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.currency import known_currency, read_rates
from payseg_widgets.ledger.days import day_of
from payseg_widgets.ledger.mappings import read_mapping
from payseg_widgets.ledger.schema import LateRule

_LATE_RULES = ("due_date", "next_business_day")
_EARLY = ("keep", "reject")
_UNDATED = ("refuse", "open")


@dataclass(frozen=True)
class ReadOptions:
    """Options of `read_ledger`, in the form the steps use."""

    mapping: Mapping[str, Mapping[str, str | None]]
    as_of: pd.Timestamp | None
    dayfirst: bool | None
    decimal: str | None
    currency: str | None
    rates: Mapping[str, Fraction]
    late_rule: LateRule
    terms_days: int | None
    early_payments: str
    undated_payments: str

    @classmethod
    def checked(
        cls,
        *,
        mapping: Mapping[str, Any] | None,
        as_of: Any,
        dayfirst: bool | None,
        decimal: str | None,
        currency: str | None,
        rates: Mapping[str, Any] | None,
        late_rule: str,
        grace_days: int,
        country: str,
        terms_days: int | None,
        early_payments: str,
        undated_payments: str,
    ) -> ReadOptions:
        """Check what the caller gave.

        Raises
        ------
        LedgerError
            If an option has a value it cannot have.
        """
        _one_of("late_rule", late_rule, _LATE_RULES)
        _one_of("early_payments", early_payments, _EARLY)
        _one_of("undated_payments", undated_payments, _UNDATED)
        _one_of("decimal", decimal, (None, ".", ","))
        _one_of("dayfirst", dayfirst, (None, True, False))
        _count("grace_days", grace_days)
        if terms_days is not None:
            _count("terms_days", terms_days)
        return cls(
            read_mapping(mapping),
            None if as_of is None else day_of(as_of, "as_of"),
            dayfirst,
            decimal,
            None if currency is None else known_currency(currency),
            read_rates(rates),
            LateRule(late_rule, int(grace_days), country),
            terms_days,
            early_payments,
            undated_payments,
        )

    def parameters(self) -> dict[str, Any]:
        """Options as plain values for ``ledger.provenance``."""
        plain = asdict(self)
        return plain | {
            "as_of": None if self.as_of is None else f"{self.as_of:%Y-%m-%d}",
            "rates": {code: str(rate) for code, rate in self.rates.items()},
            "mapping": {table: dict(columns) for table, columns in self.mapping.items()},
        }


def _one_of(name: str, value: object, allowed: tuple[object, ...]) -> None:
    if not any(value is a or (isinstance(value, str) and value == a) for a in allowed):
        raise LedgerError(f"{name}={value!r} is not known; choose one of {', '.join(map(repr, allowed))}.")


def _count(name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 3650:
        raise LedgerError(f"{name}={value!r} is not a number of days from 0 to 3650.")
