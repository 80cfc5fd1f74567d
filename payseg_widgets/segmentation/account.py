"""Say of a clustering model, from its figures, why it worked on these customers or did not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from payseg_widgets.segmentation.choose import SMALLEST_SHARE
from payseg_widgets.segmentation.model import ClusteringModel
from payseg_widgets.segmentation.stability import DISSOLVED, VALID

#: Adjusted Rand index from which two groupings are much the same, and from which they have something in common.
ALIKE, RELATED = 0.8, 0.4
#: Share of the error of prediction that is worth mentioning.
_WORTH = 0.02
#: Share of the differences between customers from which on segments say much about them.
_MUCH = 0.25
LEVEL = 0.05
#: How much more of the error another model must remove before it is spoken of.
_FURTHER = 0.1


class Best(NamedTuple):
    """The model whose segments help most to predict."""

    label: str
    n_segments: int
    gain: float


class Clause(NamedTuple):
    """A part of an account, and which picture of the comparison shows its figures; empty where none does."""

    text: str
    picture: str = ""


def account(
    model: ClusteringModel, figures: Mapping[str, Any], verdict: str, *, is_shown: bool = False
) -> str:
    """Return in words why a model worked, or did not, on these customers: see `account_clauses`."""
    return " ".join(clause.text for clause in account_clauses(model, figures, verdict, is_shown=is_shown))


def account_clauses(
    model: ClusteringModel,
    figures: Mapping[str, Any],
    verdict: str,
    *,
    is_shown: bool = False,
    best: Best | None = None,
) -> tuple[Clause, ...]:
    """Return why a model worked, or did not, clause by clause, each with the picture that shows its figures.

    Parameters
    ----------
    model : ClusteringModel
    figures : Mapping
        Of `payseg_widgets.segmentation.attempts.figures_of`, or a row of `ModelComparison.table`; what is absent or
        missing is not spoken of.
    verdict : {"segments", "continuum", "no structure"}
        Of the check for structure.
    is_shown : bool
        Whether its segments are the ones shown, so that agreement with them is no news.
    best : Best, optional
        Which of the models compared predicts best.
    """
    k = int(figures["n_segments"])
    opening = f"{model.label} takes a segment to be {model.idea}."
    if k < 2:
        return (
            Clause(f"{opening} It found none here: no crowds stand apart, only denser and thinner ground."),
        )
    clauses = (
        Clause(opening),
        Clause(_in_short(figures, verdict), "merits"),
        Clause(_stability(figures), "stability"),
        Clause(_separation(figures), "criteria"),
        Clause(_over_time(figures), "periods"),
        Clause(_later(figures), "later"),
        Clause(_prediction(figures), "merits"),
        Clause(_beside_the_best(figures, best), "merits"),
        Clause(_left_out(figures), "merits"),
        Clause("" if is_shown else _agreement(figures)),
        Clause(_why_not(model, figures, verdict)),
    )
    return tuple(clause for clause in clauses if clause.text)


def no_answer(model: ClusteringModel, reason: str) -> str:
    """Return in words that a model gave no answer, and why."""
    return f"{model.label} takes a segment to be {model.idea}. No answer here: {reason}"


def _known(figures: Mapping[str, Any], name: str) -> float | None:
    value = figures.get(name)
    return None if value is None or np.isnan(value) else float(value)


def _in_short(figures: Mapping[str, Any], verdict: str) -> str:
    """Return the verdict: what to use its segments for, if anything."""
    return (
        f"{_verdict(figures, verdict)}."
        if verdict == "segments"
        else (
            f"{_verdict(figures, verdict)}; the check for structure says {verdict!r}: there are no kinds of customer here to "
            "be found, whatever the model."
        )
    )


def _verdict(figures: Mapping[str, Any], verdict: str) -> str:
    k, least, p = int(figures["n_segments"]), figures["least_stable"], _known(figures, "later_p")
    if least < DISSOLVED:
        return f"It did not work: at least one of its {k} segments dissolves as soon as the customers change"
    if p is not None and p > LEVEL:
        return f"It did not work: in a later period its {k} segments cannot be told apart by how their customers pay"
    if figures["share_unassigned"] >= 0.2:
        return f"It worked for some: {figures['share_unassigned']:.0%} of the customers are in none of its {k} segments"
    if verdict != "segments":
        return f"Its {k} segments sort the customers, but they are lines drawn across one crowd"
    if least < VALID:
        return f"It worked in part: at least one of its {k} segments shifts when the customers change"
    return f"It worked: its {k} segments are kinds of customer that come back"


def _why_not(model: ClusteringModel, figures: Mapping[str, Any], verdict: str) -> str:
    """Return the model's weakness where it fell short although there are kinds of customer to be found."""
    fell_short = figures["least_stable"] < VALID or figures["share_unassigned"] >= 0.2
    if verdict != "segments" or not fell_short:
        return ""
    return f"The likely reason: {model.weakness[0].lower()}{model.weakness[1:]}"


def _stability(figures: Mapping[str, Any]) -> str:
    said = (
        f"With other customers the least stable segment comes back at {_short_of(figures['least_stable'])}, all at "
        f"{figures['stability']:.2f} on average (Jaccard; {VALID} is needed)"
    )
    invoices = _known(figures, "invoices")
    if invoices is None:
        return f"{said}."
    how = "much the same" if invoices >= ALIKE else "partly other" if invoices >= RELATED else "quite other"
    return f"{said}; with other invoices of the same customers it draws {how} segments (adjusted Rand {invoices:.2f})."


def _short_of(value: float) -> str:
    """Return the figure, never rounded up to the mark it missed."""
    return f"{np.floor(100 * value) / 100 if value < VALID else value:.2f}"


def _separation(figures: Mapping[str, Any]) -> str:
    width = _known(figures, "silhouette")
    if width is None:
        return ""
    strength = "clearly apart" if width >= 0.5 else "apart but touching" if width >= 0.25 else "hardly apart"
    return f"The segments lie {strength} (silhouette {width:.2f})."


def _over_time(figures: Mapping[str, Any]) -> str:
    halves = _known(figures, "halves")
    if halves is None:
        return ""
    if halves >= ALIKE:
        return f"Made again from the later invoices alone, they hold the same customers (adjusted Rand {halves:.2f})."
    if halves >= RELATED:
        return f"Made again from the later invoices alone, they hold partly the same customers (adjusted Rand {halves:.2f})."
    return (
        f"Made again from the later invoices alone, they hold mostly other customers (adjusted Rand {halves:.2f}): who "
        "is near a border changes sides."
    )


def _later(figures: Mapping[str, Any]) -> str:
    p, share = _known(figures, "later_p"), _known(figures, "later_explained")
    if p is None or share is None:
        return ""
    if p > LEVEL:
        return f"In the later period no outcome differs between them (p = {p:.2f}, all outcomes together)."
    strength = "much" if share >= _MUCH else "something" if share >= 0.05 else "little"
    return (
        f"They say {strength} about what came later: {share:.0%} of the differences in days late between customers "
        f"({figures['later_low']:.0%} to {figures['later_high']:.0%})."
    )


def _prediction(figures: Mapping[str, Any]) -> str:
    gain, own, added = (_known(figures, f"gain_{name}") for name in ("over_none", "over_own", "added"))
    if gain is None or own is None or added is None:
        return ""
    if gain < _WORTH:
        return "Knowing the segment does not help to predict the next delays."
    said = (
        f"Knowing the segment removes {gain:.0%} of the squared error in predicting a customer's next delays"
    )
    if own >= 0:
        return f"{said}, more than the customer's own record does."
    beside = (
        f"beside it the segment still removes {added:.0%}"
        if added >= _WORTH
        else "beside it the segment adds nothing"
        if added > -_WORTH
        else "pulling that record towards the segment makes it worse"
    )
    return f"{said}; the customer's own record predicts better, and {beside}."


def _beside_the_best(figures: Mapping[str, Any], best: Best | None) -> str:
    gain, k = _known(figures, "gain_over_none"), int(figures["n_segments"])
    if best is None or gain is None or best.gain - gain < _FURTHER:
        return ""
    told = f"The {best.n_segments} segments of {best.label} remove {best.gain:.0%}"
    return (
        f"{told}: these {k} lump together customers who pay differently."
        if k < best.n_segments
        else f"{told}."
    )


def _left_out(figures: Mapping[str, Any]) -> str:
    said = []
    unassigned, smallest = figures["share_unassigned"], figures["smallest_share"]
    if 0 < unassigned < 0.2:
        said.append(f"It leaves {unassigned:.1%} of the customers without a segment.")
    if smallest < SMALLEST_SHARE:
        said.append(f"Its smallest segment holds only {smallest:.1%} of them: rather outliers than a kind.")
    return " ".join(said)


def _agreement(figures: Mapping[str, Any]) -> str:
    agreement = _known(figures, "agreement")
    if agreement is None:
        return ""
    if agreement >= ALIKE:
        return f"It agrees with the segments shown (adjusted Rand {agreement:.2f})."
    if agreement >= RELATED:
        return f"It partly agrees with the segments shown (adjusted Rand {agreement:.2f})."
    return f"It draws other lines than the segments shown (adjusted Rand {agreement:.2f})."
