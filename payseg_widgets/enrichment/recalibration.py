"""What reviewers decide says how far the stated probabilities can be trusted, and settles questions still open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from payseg_widgets.enrichment.answer import NOT_SURE_ENOUGH, Answer
from payseg_widgets.enrichment.journal import ACCEPTED, SKIPPED, Decision

#: Before any decision: slope 1 and offset 0, give or take these standard deviations (log-odds).
_PRIOR_DEVIATION = np.array([0.25, 0.75])
#: A question is settled where the one-sided 95 % bound of its probability is high enough, not where the estimate is.
_BOUND = 1.6449
_NEAREST = 1e-6  # to 0 and 1, for log-odds


@dataclass(frozen=True, eq=False)
class Recalibration:
    """How what was decided compares with what was stated.

    Attributes
    ----------
    slope, offset : float
        Probability = logistic(slope * stated log-odds + offset).
    covariance : numpy.ndarray, shape (2, 2)
        Of slope and offset.
    n_decisions, n_right : int
        Likeliest companies decided on, and those that reviewers accepted.
    n_expected : float
        How many would have been right by the stated probabilities.

    References
    ----------
    Platt (1999), Probabilistic outputs for support vector machines; with a normal prior round what was stated.
    """

    slope: float
    offset: float
    covariance: np.ndarray
    n_decisions: int
    n_right: int
    n_expected: float

    @classmethod
    def fit(cls, decisions: Iterable[tuple[float, bool]]) -> Recalibration:
        """Fit to decisions, each the stated probability of the likeliest company and whether it was accepted."""
        pairs = list(decisions)
        stated = np.array([p for p, _ in pairs], dtype=float)
        right = np.array([is_right for _, is_right in pairs], dtype=float)
        design = _design(stated)
        prior = np.diag(_PRIOR_DEVIATION**-2.0)
        start = np.array([1.0, 0.0])
        at, curve = start.copy(), prior
        for _ in range(50):
            p = _logistic(design @ at)
            curve = (design * (p * (1 - p))[:, None]).T @ design + prior
            step = np.linalg.solve(curve, design.T @ (p - right) + prior @ (at - start))
            at = at - np.clip(step, -1, 1)
            if np.abs(step).max() < 1e-9:
                break
        return cls(
            max(float(at[0]), 0.05), float(at[1]), np.linalg.inv(curve), len(pairs), int(right.sum()), float(stated.sum())
        )  # fmt: skip

    def probability(self, stated: float) -> float:
        """Return what a stated probability is worth."""
        return float(_logistic(_design([stated]) @ [self.slope, self.offset])[0])

    def at_least(self, stated: float) -> float:
        """Return the lower end of the one-sided 95 % interval of `probability`."""
        row = _design([stated])[0]
        log_odds = row @ [self.slope, self.offset]
        return float(_logistic(log_odds - _BOUND * np.sqrt(row @ self.covariance @ row)))

    def sentence(self, n_settled: int) -> str:
        """Tell what was stated, what was decided, and how many open questions that settles; empty without decisions."""
        if not self.n_decisions:
            return ""
        rest = f"{n_settled} of the others are sure enough" if n_settled else "no other is sure enough yet"
        return (
            f"The likeliest company was right for {self.n_right} of {self.n_decisions} doubtful customers decided on "
            f"({self.n_expected:.0f} by the stated probabilities). By that {rest}."
        )


def is_doubtful(answer: Answer) -> bool:
    """Whether an answer was left to the reviewer for its probability alone."""
    return answer.state == "needs review" and answer.reason.startswith(NOT_SURE_ENOUGH)


def recalibrated(answers: Mapping[str, Answer], decisions: Mapping[str, Decision]) -> Recalibration:
    """Return what decisions say of the answers they are about; companies that nobody could have offered count as wrong."""
    return Recalibration.fit(
        (answers[name].candidates[0].probability, _is_likeliest(answers[name], decision))
        for name, decision in sorted(decisions.items())
        if name in answers and is_doubtful(answers[name]) and decision.choice != SKIPPED
    )


def settled(
    answers: Mapping[str, Answer], decisions: Mapping[str, Decision], by: Recalibration, accept_from: float
) -> dict[str, Answer]:
    """Return the answers to open questions that decisions on others have made sure enough, as matched.

    Parameters
    ----------
    answers : mapping of str to Answer
        As the source gave them.
    decisions : mapping of str to Decision
        Customers in it are not open, unless skipped.
    by : Recalibration
    accept_from : float
        The probability from which on the source accepts.
    """
    return {
        name: _accepted(answer, by)
        for name, answer in answers.items()
        if is_doubtful(answer)
        and (name not in decisions or decisions[name].choice == SKIPPED)
        and by.at_least(answer.candidates[0].probability) >= accept_from
    }


def _accepted(answer: Answer, by: Recalibration) -> Answer:
    first, *others = answer.candidates
    now = by.probability(first.probability)
    return replace(
        answer,
        state="matched",
        reason=f"Sure enough ({now:.1%}, stated was {first.probability:.1%}) by {by.n_decisions} decisions on other customers.",
        candidates=(replace(first, probability=now), *others),
    )


def _is_likeliest(answer: Answer, decision: Decision) -> bool:
    company = answer.candidates[0].company
    return (
        decision.choice == ACCEPTED
        and decision.company is not None
        and decision.company.number == company.number
    )


def _design(stated: Iterable[float]) -> np.ndarray:
    p = np.clip(np.asarray(list(stated), dtype=float), _NEAREST, 1 - _NEAREST)
    return np.column_stack([np.log(p / (1 - p)), np.ones_like(p)])


def _logistic(odds: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(odds, -40, 40)))
