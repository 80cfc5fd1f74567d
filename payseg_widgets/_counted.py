"""A number with what it counts."""

from __future__ import annotations


def counted(n: int, noun: str) -> str:
    """Write a number with its noun, which takes an s unless there is one.

    >>> counted(1, "invoice"), counted(0, "day"), counted(1200, "open invoice")
    ('1 invoice', '0 days', '1,200 open invoices')
    """
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
