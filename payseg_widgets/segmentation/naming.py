"""Name segments by risk and value, and set apart those that would share a name."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import pandas as pd

Words = TypeVar("Words")

#: What analysts say of more (first) or less (second) of a feature than most; the first part of a name that fits.
_COMPARED = {
    "payment_consistency": ("less steady", "steadier"),
    "days_late_sd": ("less steady", "steadier"),
    "irregular": ("buys less regularly", "buys more regularly"),
    "trend": ("trend worse", "trend better"),
    "write_off": ("more written off", "less written off"),
    "dispute": ("disputes more", "disputes less"),
    "part_payment": ("more part payments", "fewer part payments"),
    "negotiation": ("negotiates more", "negotiates less"),
    "reminder_response": ("answers more reminders", "answers fewer reminders"),
    "reminders": ("reminded more", "reminded less"),
    "early": ("early more often", "early less often"),
    "on_time": ("more often on time", "less often on time"),
    "oldest_overdue": ("older debts", "younger debts"),
    "overdue": ("more overdue", "less overdue"),
    "outstanding": ("owes more", "owes less"),
    "ageing_not_due": ("balance younger", "balance older"),
    "ageing_over_90": ("balance older", "balance younger"),
    "late_by": ("more often very late", "less often very late"),
    "late": ("later", "earlier"),
    "days_to_pay": ("slower to pay", "quicker to pay"),
    "terms": ("longer terms", "shorter terms"),
    "velocity": ("fills the limit faster", "fills the limit slower"),
    "utilisation": ("nearer the limit", "further from the limit"),
    "since_last_payment": ("quiet for longer", "paid more lately"),
    "payment_run": ("more payment runs", "fewer payment runs"),
    "tenure": ("longer a customer", "newer"),
    "n_invoices": ("more invoices", "fewer invoices"),
    "total_invoiced": ("larger accounts", "smaller accounts"),
    "invoiced": ("larger accounts", "smaller accounts"),
    "average_invoice": ("larger invoices", "smaller invoices"),
    "between_invoices": ("buys less often", "buys more often"),
    "concentration": ("less even invoices", "more even invoices"),
    "dso": ("higher DSO", "lower DSO"),
}
#: What is said plainly where three quarters of the segment lie above (first pair) or not above (second) a value.
_PLAIN: dict[str, tuple[tuple[str, float], tuple[str, float]]] = {
    "payment_consistency": (("erratic", 10.0), ("steady", 3.0)),
    "days_late_sd": (("erratic", 10.0), ("steady", 3.0)),
    "trend": (("getting slower", 1.0), ("getting faster", -1.0)),
    "write_off": (("", math.inf), ("never written off", 0.0)),
    "dispute": (("often disputes", 0.2), ("never disputes", 0.0)),
    "part_payment": (("pays in parts", 0.5), ("pays in full", 0.0)),
    "early": (("pays early", 0.5), ("never early", 0.0)),
    "on_time": (("pays on time", 0.75), ("seldom on time", 0.25)),
    "overdue": (("", math.inf), ("nothing overdue", 0.0)),
    "late_by": (("mostly very late", 0.5), ("never very late", 0.0)),
    "late": (("weeks late", 30.0), ("prompt", 0.0)),
}
THAN_MOST = " than most"
#: A smaller standardised difference sets nobody apart.
_LEAST_EFFECT = 0.5


def in_words(feature: str, row: Mapping[Any, float], labels: Mapping[str, str]) -> str:
    """Return what an analyst would say of a segment's values of a feature; nothing if that would not be true.

    Parameters
    ----------
    feature : str
    row : mapping
        ``effect``, ``median``, ``q25``, ``q75`` and ``portfolio_median``, as in a card's profile.
    labels : mapping
        Feature to its label.

    Returns
    -------
    str
        A plain word if three quarters of the segment bear it out; else a comparison, ending in "than most", if
        the segment's median lies on that side of the portfolio's; else nothing: the effect is then of a few.

    Examples
    --------
    >>> of_portfolio = {"effect": 1.4, "portfolio_median": 4.0}
    >>> in_words("payment_consistency", {**of_portfolio, "q25": 12.0, "median": 17.0, "q75": 25.0}, {})
    'erratic'
    >>> in_words("payment_consistency", {**of_portfolio, "q25": 5.0, "median": 7.0, "q75": 9.0}, {})
    'less steady than most'
    """
    is_more = row["effect"] > 0
    (much, above), (little, up_to) = _first_fit(_PLAIN, feature) or (("", math.inf), ("", -math.inf))
    if is_more and row["q25"] > above:
        return much
    if not is_more and row["q75"] <= up_to:
        return little
    apart = row["median"] - row["portfolio_median"]
    if not (apart > 0 if is_more else apart < 0):
        return ""
    label = labels.get(feature, feature).lower()
    more, less = _first_fit(_COMPARED, feature) or (f"higher {label}", f"lower {label}")
    return (more if is_more else less) + THAN_MOST


def _first_fit(words: Mapping[str, Words], feature: str) -> Words | None:
    # by the longer table's order, so that a part in only one of the two cannot take another's feature
    part = next((part for part in _COMPARED if part in feature), "")
    return words.get(part)


def segment_names(
    risks: Sequence[str],
    values: Sequence[str | None],
    profiles: Sequence[pd.DataFrame],
    labels: Mapping[str, str],
) -> list[str]:
    """Return one unique name per segment, in the order given.

    Risk x value comes first ("Low-Risk High-Value"). Segments that share it get the words of the feature that
    sets them apart most from the other customers, then of the next, and at last a number.

    Parameters
    ----------
    risks, values : sequences of {"low", "medium", "high"}
        A value of ``None``: no money is known.
    profiles : sequence of pandas.DataFrame
        As in `SegmentCard`, sorted by the size of the effect.
    labels : mapping
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
        special = distinctions(profiles[i], labels)
        candidates = [f"{base}, {words.removesuffix(THAN_MOST)}" for words in special]
        numbered = [f"{base} {n}" for n in range(1, len(bases) + 1)]
        names[i] = next(name for name in (*candidates, *numbered) if name not in taken)
    return names


def distinctions(profile: pd.DataFrame, labels: Mapping[str, str]) -> list[str]:
    """Return in words what sets a segment apart, most first, each said once."""
    strong = profile[profile["effect"].abs() >= _LEAST_EFFECT]
    said = [in_words(str(feature), row, labels) for feature, row in strong.to_dict("index").items()]
    return list(dict.fromkeys(filter(None, said)))


def in_a_row(words: Sequence[str]) -> str:
    """Join what `distinctions` returned: the plain words, then the comparisons with one "than most".

    >>> in_a_row(["later than most", "erratic", "less often on time than most"])
    'erratic, later, less often on time than most'
    """
    plain = [word for word in words if not word.endswith(THAN_MOST)]
    compared = [word.removesuffix(THAN_MOST) for word in words if word.endswith(THAN_MOST)]
    return ", ".join(plain + compared) + (THAN_MOST if compared else "")
