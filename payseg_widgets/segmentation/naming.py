"""Name segments by risk and value, and set apart those that would share a name."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

#: What analysts say of much (first) or little (second) of a feature; the first part of a name that fits.
_WORDS = {
    "payment_consistency": ("erratic", "steady"),
    "days_late_sd": ("erratic", "steady"),
    "irregular": ("irregular buyers", "regular buyers"),
    "trend": ("getting slower", "getting faster"),
    "write_off": ("written off", "never written off"),
    "dispute": ("often disputes", "seldom disputes"),
    "part_payment": ("pays in parts", "pays in full"),
    "negotiation": ("negotiates", "does not negotiate"),
    "reminder_response": ("answers reminders", "ignores reminders"),
    "reminders": ("much reminded", "seldom reminded"),
    "early": ("pays early", "never early"),
    "on_time": ("pays on time", "seldom on time"),
    "oldest_overdue": ("old debts", "no old debts"),
    "overdue": ("much overdue", "little overdue"),
    "outstanding": ("owes much", "owes little"),
    "ageing": ("old balances", "young balances"),
    "late_by": ("very late", "never very late"),
    "late": ("slow", "prompt"),
    "days_to_pay": ("slow", "quick to pay"),
    "terms": ("long terms", "short terms"),
    "utilisation": ("near the limit", "far from the limit"),
    "since_last_payment": ("gone quiet", "paid lately"),
    "payment_run": ("pays in runs", "no payment runs"),
    "tenure": ("long-standing", "new"),
    "n_invoices": ("many invoices", "few invoices"),
    "total_invoiced": ("large accounts", "small accounts"),
    "invoiced": ("large accounts", "small accounts"),
    "average_invoice": ("large invoices", "small invoices"),
    "between_invoices": ("buys seldom", "buys often"),
    "concentration": ("uneven invoices", "even invoices"),
    "dso": ("slow balance", "quick balance"),
}
#: A smaller standardised difference sets nobody apart.
_LEAST_EFFECT = 0.5


def in_words(feature: str, effect: float, labels: dict[str, str]) -> str:
    """Return what an analyst would say of much or little of a feature.

    >>> in_words("payment_consistency", 1.4, {})
    'erratic'
    """
    for part, (much, little) in _WORDS.items():
        if part in feature:
            return much if effect > 0 else little
    return f"{'high' if effect > 0 else 'low'} {labels.get(feature, feature).lower()}"


def segment_names(
    risks: Sequence[str],
    values: Sequence[str | None],
    profiles: Sequence[pd.DataFrame],
    labels: dict[str, str],
) -> list[str]:
    """Return one unique name per segment, in the order given.

    Risk x value comes first ("Low-Risk High-Value"). Segments that share it get the words of the feature that
    sets them apart most from the other customers, then of the next, and at last a number.

    Parameters
    ----------
    risks, values : sequences of {"low", "medium", "high"}
        A value of ``None``: no money is known.
    profiles : sequence of pandas.DataFrame
        With ``effect``, sorted by its size.
    labels : dict
        Feature to its label.
    """
    bases = [
        f"{risk.title()}-Risk {value.title()}-Value" if value else f"{risk.title()}-Risk"
        for risk, value in zip(risks, values, strict=True)
    ]
    names = list(bases)
    for i, base in enumerate(bases):
        if bases.count(base) == 1:
            continue
        taken = names[:i]
        candidates = [f"{base}, {words}" for words in distinctions(profiles[i], labels)]
        numbered = [f"{base} {n}" for n in range(1, len(bases) + 1)]
        names[i] = next(name for name in (*candidates, *numbered) if name not in taken)
    return names


def distinctions(profile: pd.DataFrame, labels: dict[str, str]) -> list[str]:
    """Return in words what sets a segment apart, most first, each said once."""
    strong = profile.loc[profile["effect"].abs() >= _LEAST_EFFECT, "effect"]
    return list(dict.fromkeys(in_words(str(feature), effect, labels) for feature, effect in strong.items()))
