"""What is assumed on a strategy board: a kind of scenario, its figures, and whom it concerns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any, NamedTuple, Unpack

import pandas as pd

from payseg_widgets._registry import did_you_mean
from payseg_widgets.errors import StrategyError, UnknownNameError
from payseg_widgets.prediction.forecast import PaymentForecast
from payseg_widgets.strategy.advice import CALL_DAYS, CALLS_A_DAY
from payseg_widgets.strategy.scenario_result import Scenario
from payseg_widgets.strategy.scenarios import SCENARIOS, Run, scenario
from payseg_widgets.study import Study

#: What each kind of scenario is called, and the choices it needs.
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "top_delay": ("The largest debtors pay later", ("n", "days")),
    "group_delay": ("A group pays later", ("grouping", "group", "days")),
    "terms_change": ("Terms of a group change", ("grouping", "group", "terms_days")),
    "group_default": ("A share of a group defaults", ("grouping", "group", "share")),
    "early_discount": ("A discount for paying early", ("grouping", "group", "share", "discount", "by_day")),
}
#: The kind for which no group has to be named.
_OF_ALL = "early_discount"


class Range(NamedTuple):
    """A figure that can be chosen.

    Attributes
    ----------
    label : str
    low, high, step : float
        What a slider reaches; Python takes up to ``most``.
    start : float
    most : float
    is_share : bool
        Whether it is a share; otherwise a whole number.
    """

    label: str
    low: float
    high: float
    step: float
    start: float
    most: float
    is_share: bool = False


#: Figures of scenarios and of the worklist.
RANGES: dict[str, Range] = {
    "n": Range("Debtors", 1, 50, 1, 10, 1_000_000),
    "days": Range("Days later", 1, 120, 1, 30, 365),
    "terms_days": Range("Days of terms more, or less", -60, 60, 1, 15, 365),
    "share": Range("Share", 0.01, 1, 0.01, 0.2, 1, True),
    "discount": Range("Discount", 0.005, 0.1, 0.005, 0.02, 0.5, True),
    "by_day": Range("Paid within days", 1, 60, 1, 10, 365),
    "calls_a_day": Range("Calls a day", 1, 50, 1, CALLS_A_DAY, 1_000),
    "call_days": Range("Days", 1, 20, 1, CALL_DAYS, 250),
}


def checked_figure(name: str, value: Any) -> float:
    """Return a figure as it is kept: whole numbers as ``int``.

    Raises
    ------
    StrategyError
        If it is out of its range.
    """
    of = RANGES[name]
    is_number = isinstance(value, Real) and not isinstance(value, bool) and value == value
    low = 0 if of.is_share else -of.most if of.low < 0 else of.low
    if of.is_share:
        if is_number and low < value <= of.most:
            return float(value)
        raise StrategyError(
            f"{name}={value!r}: give a share above 0 and at most {of.most:g}, such as {of.start:g}."
        )
    if not (is_number and low <= value <= of.most and value == int(value)):
        raise StrategyError(f"{name}={value!r}: give a whole number from {low:g} to {of.most:g}.")
    return int(value)


class Grouping(NamedTuple):
    """A way to put customers in groups.

    Attributes
    ----------
    labels : pandas.Series of str
        Index ``customer_id``; missing for customers in no group.
    groups : tuple of str
        Those whose customers owe something, the one that owes most first.
    code : str
        Python that makes the labels, an attribute of a study.
    """

    labels: pd.Series
    groups: tuple[str, ...]
    code: str


def groupings_of(study: Study) -> dict[str, Grouping]:
    """Return the groups that a scenario can concern: segments, and what is known of customers.

    Parameters
    ----------
    study : Study
        ``region``, ``sector`` and ``size_band`` are those of its ``customers``. Without a forecast nothing is owed, and there
        are no groupings.
    """
    forecast = study.outlook.forecast
    if forecast is None:
        return {}
    letters = {card.segment: card.letter for card in study.segmentation.cards}
    found = {
        "segment": (
            study.segmentation.labels_.map(letters).rename("segment"),
            f"segmentation.labels_.map({letters!r}).rename('segment')",
        )
    }
    for name in ("region", "sector", "size_band"):
        if name in study.customers and study.customers[name].notna().any():
            code = f"customers[{name!r}].dropna().astype('str')"
            found[name] = (study.customers[name].dropna().astype("str"), code)
    owed = forecast.invoices.groupby("customer_id")["outstanding_minor"].sum()
    made = {}
    for name, (labels, code) in found.items():
        by_group = owed.groupby(labels.reindex(owed.index)).sum().sort_values(ascending=False, kind="stable")
        if len(by_group):
            made[name] = Grouping(labels, tuple(map(str, by_group.index)), code)
    return made


@dataclass(frozen=True)
class Assumption:
    """One scenario as it was chosen.

    Attributes
    ----------
    kind : str
    figures : tuple of (str, float)
        Those of `RANGES` that the kind needs.
    grouping, group : str
        Whom it concerns; empty where the kind needs none, or it concerns all customers.
    """

    kind: str
    figures: tuple[tuple[str, float], ...]
    grouping: str = ""
    group: str = ""

    def laid_on(
        self, forecast: PaymentForecast, groupings: Mapping[str, Grouping], **run: Unpack[Run]
    ) -> Scenario:
        """Return the scenario: see `payseg_widgets.strategy.scenarios.scenario`."""
        whom = {"groups": groupings[self.grouping].labels, "group": self.group} if self.group else {}
        return scenario(forecast, self.kind, **run, **self._options, **whom)

    def to_code(self, groupings: Mapping[str, Grouping], study: str) -> list[str]:
        """Return Python that makes the same of what is called ``study`` there."""
        options = [f"{name}={value!r}" for name, value in self._options.items()]
        lines = []
        if self.group:
            lines.append(f"groups = {study}.{groupings[self.grouping].code}")
            options += ["groups=groups", f"group={self.group!r}"]
        return [*lines, f"laid_on = scenario({study}.outlook.forecast, {self.kind!r}, {', '.join(options)})"]

    @property
    def _options(self) -> dict[str, Any]:
        return {"days" if name == "terms_days" else name: value for name, value in self.figures}


def assumed(
    kind: str, figures: Mapping[str, float], grouping: str, group: str, groupings: Mapping[str, Grouping]
) -> Assumption:
    """Return what a choice comes to: figures that the kind does not need are left out.

    Parameters
    ----------
    kind : str
    figures : Mapping of str to float
    grouping, group : str
        An empty ``group`` is all customers where the kind allows that, otherwise the group that owes most.
    groupings : Mapping of str to Grouping
    """
    needs = KINDS[kind][1]
    chosen = tuple((name, figures[name]) for name in needs if name in figures)
    if "group" not in needs or grouping not in groupings or (not group and kind == _OF_ALL):
        return Assumption(kind, chosen)
    there = groupings[grouping].groups
    return Assumption(kind, chosen, grouping, group if group in there else there[0])


def checked_kind(value: Any) -> str:
    """Return a kind of scenario, or raise `UnknownNameError`."""
    if not isinstance(value, str) or value not in SCENARIOS:
        raise UnknownNameError(
            f"no scenario is called {str(value)[:60]!r}. {did_you_mean(str(value)[:60], SCENARIOS)}"
        )
    return str(value)


def choices_told(groupings: Mapping[str, Grouping], kind: str, grouping: str) -> dict[str, Any]:
    """Return what the page can choose among: kinds with the controls they need, groupings, the groups of one of them."""
    groups = [[name, name] for name in groupings[grouping].groups] if grouping in groupings else []
    return {
        "kinds": [[name, label] for name, (label, _) in KINDS.items()],
        "needs": list(KINDS[kind][1]),
        "groupings": [[name, name.replace("_", " ")] for name in groupings],
        "groups": [*([["", "all customers"]] if kind == _OF_ALL else []), *groups],
    }


def ranges_told() -> dict[str, Any]:
    """Return the sliders that there are."""
    return {
        name: {"label": of.label, "low": of.low, "high": of.high, "step": of.step, "is_share": of.is_share}
        for name, of in RANGES.items()
    }
