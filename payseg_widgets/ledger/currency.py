"""Bring all money of an export into one currency, exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction

import numpy as np
import pandas as pd

from payseg_widgets.errors import LedgerError
from payseg_widgets.ledger.currencies import iso_currency
from payseg_widgets.ledger.findings import Finding, counted
from payseg_widgets.ledger.schema import minor_digits
from payseg_widgets.ledger.typed import TypedTable

#: The code ISO 4217 reserves for "no currency": the export names none and the caller neither.
NONE_NAMED = "XXX"


def read_rates(rates: Mapping[str, object] | None) -> dict[str, Fraction]:
    """Check ``rates=``: units of the ledger's currency for one unit of the other, exactly as written.

    >>> read_rates({"EUR": "0.86", "USD": 0.79})
    {'EUR': Fraction(43, 50), 'USD': Fraction(79, 100)}
    """
    result = {}
    for code, rate in (rates or {}).items():
        iso = iso_currency(str(code))
        try:
            exact = Decimal(str(rate))
        except InvalidOperation:
            exact = Decimal(0)
        if iso is None or not exact.is_finite() or exact <= 0:
            raise LedgerError(
                f"rates={{{code!r}: {rate!r}}} is not a currency with a positive rate; write "
                f"rates={{'EUR': 0.86}}."
            )
        result[iso] = Fraction(exact)
    return result


def choose_currency(tables: Iterable[TypedTable], currency: str | None, rates: Mapping[str, Fraction]) -> str:
    """Choose the ledger's currency from ``currency=``, else from the export.

    Raises
    ------
    LedgerError
        If the export holds currencies that have no rate; the message names them.
    """
    counts = pd.concat([table.currencies for table in tables]).value_counts()
    seen = [str(code) for code in counts.index if code not in ("", "?")]
    target = known_currency(currency) if currency is not None else None
    if target is None:
        without = [code for code in seen if code not in rates]
        target = without[0] if without else NONE_NAMED
        if not without and seen:
            raise LedgerError(
                f"every currency of the export ({', '.join(seen)}) has a rate, but into which? Pass "
                f"currency='GBP', say."
            )
    lacking = [code for code in seen if code != target and code not in rates]
    if lacking:
        show = ", ".join(f"{code!r}: 0.86" for code in lacking)
        raise LedgerError(
            f"the export holds {len(seen)} currencies "
            f"({', '.join(f'{c}: {counts[c]:,} rows' for c in seen)}) and no rate into "
            f"{target} for {', '.join(lacking)}. Pass currency={target!r}, rates={{{show}}} ({target} for "
            f"one {lacking[0]})."
        )
    return target


def known_currency(currency: object) -> str:
    """Return the ISO code of ``currency=``, or raise a `LedgerError`."""
    code = iso_currency(str(currency))
    if code is None:
        raise LedgerError(f"currency={currency!r} is not a currency; give an ISO 4217 code such as 'GBP'.")
    return code


def convert(typed: TypedTable, currency: str, rates: Mapping[str, Fraction]) -> None:
    """Convert the money columns to ``currency``; what was written stays in ``amount_original_minor``."""
    foreign = ~typed.currencies.isin(["", "?", currency])
    if not foreign.any():
        return
    if "amount_minor" in typed.frame:
        typed.frame["amount_original_minor"] = typed.frame["amount_minor"]
        typed.frame["currency_original"] = typed.currencies.where(typed.currencies != "", currency)
    for role in typed.money_roles():
        minor = typed.frame[f"{role}_minor"].copy()
        for code in typed.currencies[foreign].unique():
            rows = typed.currencies == code
            factor = rates[code] * Fraction(10) ** (minor_digits(currency) - minor_digits(code))
            minor[rows] = times(minor[rows], factor)
        typed.frame[f"{role}_minor"] = minor
    heading = typed.columns.get("currency", typed.columns.get("amount", ""))
    for code in typed.currencies[foreign].unique():
        n = int((typed.currencies == code).sum())
        rate = rates[code]
        typed.findings.append(
            Finding(
                heading,
                f"{counted(n, 'row')} in {code} converted at {float(rate):.10g} {currency} for one {code}.",
                n,
            )
        )


def times(minor: pd.Series, factor: Fraction) -> pd.Series:
    """Multiply minor units by an exact factor, rounded half to even.

    >>> times(pd.Series([100, 250, None], dtype="Int64"), Fraction(1, 100)).tolist()
    [1, 2, <NA>]
    """
    whole = minor.fillna(0).to_numpy(dtype="int64")
    largest = int(np.abs(whole).max(initial=0))
    wide = largest * factor.numerator * 2 + factor.denominator >= 2**63 or factor.denominator >= 2**62
    values = (
        whole.astype(object) if wide else whole
    )  # Python integers where 64 bits would not hold the product
    product = values * factor.numerator
    low = product // factor.denominator
    twice = 2 * (product - low * factor.denominator)
    up = (twice > factor.denominator) | ((twice == factor.denominator) & (low % 2 == 1))
    result = low + up.astype(values.dtype)
    if wide and any(abs(v) >= 2**62 for v in result):
        raise LedgerError(
            f"an amount of {largest:,} minor units does not fit after conversion; check rates= and the "
            f"amounts."
        )
    return pd.Series(result.astype("int64"), index=minor.index).astype("Int64").mask(minor.isna())
