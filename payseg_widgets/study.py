"""Run the line from a ledger to a `Study`: what the report prints, the widgets show and a file stores."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.metadata import version
from typing import Any, Protocol

import pandas as pd

from payseg_widgets.effects.design import UNKNOWN
from payseg_widgets.effects.groups import BY, GroupEffects, compare_groups, known_groups
from payseg_widgets.enrichment.enrichment import Enrichment
from payseg_widgets.enrichment.from_ledger import said_by_ledger
from payseg_widgets.errors import Cancelled, StrategyError
from payseg_widgets.features.ageing import ageing
from payseg_widgets.features.compute import compute_features
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.features.table import FeatureTable
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.prediction.outlook import Outlook, look_ahead
from payseg_widgets.segmentation.explain import Explanation, explain_segments
from payseg_widgets.segmentation.result import Segmentation
from payseg_widgets.segmentation.segment import segment
from payseg_widgets.strategy.advice import Strategy, advise
from payseg_widgets.strategy.kpis import Kpi, key_figures, segment_figures, top_debtors
from payseg_widgets.strategy.policy import Policy

Progress = Callable[[str, int, int], None]
"""Called as ``progress(stage, done, total)`` from the thread that computes."""


class CancelSignal(Protocol):
    """Anything like `threading.Event`."""

    def is_set(self) -> bool:
        """Whether the user asked to stop."""
        ...


def _nobody_known() -> GroupEffects:
    return GroupEffects(pd.DataFrame(index=pd.Index([], name="customer_id", dtype="str")))


@dataclass(frozen=True, repr=False)
class Study:
    """One run of the line over one ledger.

    Attributes
    ----------
    ledger : Ledger
    features : FeatureTable
    segmentation : Segmentation
    provenance : Mapping
        Hash of the input, parameters, seed and versions.
    seconds : Mapping of str to float
        Wall time of each stage.
    outlook : Outlook
        When the open invoices are expected to be paid, and how right such forecasts were.
    strategy : Strategy
        What to do about each customer and open invoice, and the figures that go with it.
    groups : GroupEffects
        What region and sector have to do with payment.
    """

    ledger: Ledger
    features: FeatureTable
    segmentation: Segmentation
    provenance: Mapping[str, Any]
    seconds: Mapping[str, float]
    outlook: Outlook
    strategy: Strategy
    groups: GroupEffects = field(default_factory=_nobody_known)

    @cached_property
    def invoices(self) -> SettledInvoices:
        """Each invoice with its settlement."""
        known = self.features.invoices
        return SettledInvoices.from_ledger(self.ledger) if known is None else known

    @cached_property
    def customers(self) -> pd.DataFrame:
        """What is known of each customer: the ledger's columns, with region and sector as they were compared.

        Index ``customer_id``; ``region, sector``, who says so and how sure that is, as in `GroupEffects.customers`, missing where
        nobody says.
        """
        own = self.ledger.customers.drop_duplicates("customer_id").set_index("customer_id")
        known = self.groups.customers if self.groups.is_known else self.groups.customers.iloc[:, :0]
        known = known.assign(**{by: known[by].mask(known[by] == UNKNOWN) for by in BY if by in known})
        return own.drop(columns=[name for name in known if name in own]).join(known)

    @cached_property
    def kpis(self) -> tuple[Kpi, ...]:
        """Key figures of the whole portfolio."""
        return key_figures(self.invoices, str(self.ledger.late_rule))

    @cached_property
    def kpis_by_segment(self) -> pd.DataFrame:
        """Key figures of each segment, and of all: see `segment_figures`."""
        return segment_figures(self.invoices, self.segmentation.labels_.to_numpy())

    @cached_property
    def explanation(self) -> Explanation:
        """Each segment in a short rule, with its typical and borderline customers: see `explain_segments`."""
        return explain_segments(self.segmentation, self.features, seed=self.segmentation.seed)

    @cached_property
    def top_debtors(self) -> pd.DataFrame:
        """The ten customers who owe most, with their segment (-1 for none)."""
        top = top_debtors(self.invoices)
        return top.assign(segment=self.segmentation.labels_.reindex(top["customer_id"]).to_numpy())

    @cached_property
    def ageing_by_segment(self) -> pd.DataFrame:
        """Open balance by age: index segment, one column a bucket, ``int64`` minor units."""
        return (
            ageing(self.invoices).groupby(self.segmentation.labels_.to_numpy()).sum().rename_axis("segment")
        )

    def __repr__(self) -> str:
        return (
            f"Study(customers={len(self.features)}, invoices={len(self.ledger)}, segments={self.segmentation.n_segments}, "
            f"as_of={self.ledger.as_of:%Y-%m-%d})"
        )


def run_study(
    ledger: Ledger,
    *,
    model: str = "kmeans",
    n_segments: int | None = None,
    names: Sequence[str] | None = None,
    seed: int = 0,
    compare: bool = True,
    effects: bool = True,
    customers: Enrichment | pd.DataFrame | None = None,
    forecast: bool = True,
    strategy: bool = True,
    policy: Policy | None = None,
    progress: Progress | None = None,
    cancel: CancelSignal | None = None,
) -> Study:
    """Compute features, segments, what region and sector do, the payments expected and what to do, and bundle them.

    Parameters
    ----------
    ledger : Ledger
    model : str
        Clustering model, such as ``kmeans``, ``gaussian_mixture`` or ``hdbscan``: see `segment`.
    n_segments : int, optional
        Number of segments; chosen from the data when not given.
    names : sequence of str, optional
        Features to segment by; a recommended set when not given.
    seed : int
        Decides every random step.
    compare : bool
        Whether the other models are tried as well, for the report's account of them, past days forecast again, and it is asked
        whether regions and sectors form clusters.
    effects : bool
        Whether regions and sectors are compared; they are told beside each customer all the same.
    customers : Enrichment or pandas.DataFrame, optional
        Region and sector of each customer, as `enrich` and `read_enrichment` return them; what the ledger itself says where not
        given.
    forecast : bool
        Whether the payments of open invoices are forecast.
    strategy : bool
        Whether an action is chosen for each customer and open invoice, with key figures, reserves and a worklist.
    policy : Policy, optional
        Which action when; the default one of the package when not given.
    progress : callable, optional
        Called as ``progress(stage, done, total)``.
    cancel : object with ``is_set()``, optional
        Such as a `threading.Event`; looked at between steps.

    Raises
    ------
    Cancelled
        When ``cancel`` is set; ``finished`` is a dict of the stages completed.
    UnknownNameError
        For a model or feature that does not exist, or a segment that the policy names and that was not found.
    SegmentationError
        Where the customers cannot be segmented as asked.
    StrategyError
        If a policy is given and no strategy asked for.
    EffectError
        If none of the customers given is one of the ledger's.
    """
    if policy is not None and not strategy:
        raise StrategyError(
            "a policy is given and strategy=False: there is nothing for it to decide. Leave one out."
        )
    finished: dict[str, Any] = {"ledger": ledger}
    seconds: dict[str, float] = {}
    tell = progress or (lambda _stage, _done, _total: None)

    def stage(name: str, work: Callable[[], Any]) -> Any:
        if cancel is not None and cancel.is_set():
            raise Cancelled(f"stopped before {name}; {', '.join(finished)} kept in .finished", finished)
        started = time.perf_counter()
        try:
            finished[name] = work()
        except Cancelled as stopped:
            raise Cancelled(str(stopped), {**finished, name: stopped.finished}) from stopped
        seconds[name] = time.perf_counter() - started
        return finished[name]

    def features_done(share: float) -> None:
        if cancel is not None and cancel.is_set():
            raise Cancelled("stopped while computing features")
        tell("features", round(100 * share), 100)

    features = stage("features", lambda: compute_features(ledger, progress=features_done))
    segmentation = stage(
        "segmentation",
        lambda: segment(
            features, model, n_segments, names=names, seed=seed, compare=compare, progress=tell, cancel=cancel
        ),
    )
    if policy is not None:
        policy.check_segments(segmentation)
    told_of = said_by_ledger(ledger) if customers is None else customers
    if effects:
        run: dict[str, Any] = {"tie": compare, "seed": seed, "cancel": cancel}
        groups = stage(
            "groups",
            lambda: compare_groups(features, ledger, told_of, progress=_telling("groups", tell), **run),
        )
        tell("groups", 100, 100)
    else:
        groups = known_groups(features, told_of)
        groups = replace(groups, notes=("No groups were compared, as asked.", *groups.notes))
    outlook = Outlook(None, notes=("No forecast was asked for.",))
    if forecast:
        ahead: dict[str, Any] = {"look_back": compare, "seed": seed, "cancel": cancel}
        outlook = stage("forecast", lambda: look_ahead(ledger, progress=_telling("forecast", tell), **ahead))
        tell("forecast", 100, 100)
    asked = {"compare": compare, "effects": effects, "forecast": forecast, "strategy": strategy}
    provenance = _provenance(ledger, segmentation, names, asked)
    if customers is not None:
        of = (
            customers.provenance
            if isinstance(customers, Enrichment)
            else customers.attrs.get("provenance", {})
        )
        provenance["customers"] = dict(of)
    without = Strategy(None, notes=("No strategy was asked for.",))
    study = Study(ledger, features, segmentation, provenance, seconds, outlook, without, groups)
    if strategy:
        advice = stage(
            "strategy", lambda: advise(study, policy, progress=_telling("strategy", tell), cancel=cancel)
        )
        tell("strategy", 100, 100)
        study = replace(study, strategy=advice)
    return study


def _telling(stage: str, tell: Progress) -> Progress:
    """Return what tells the steps of a stage as the stage's own."""
    return lambda _step, done, total: tell(stage, done, total)


def _provenance(
    ledger: Ledger, segmentation: Segmentation, names: Sequence[str] | None, asked: Mapping[str, bool]
) -> dict[str, Any]:
    packages = ("payseg-widgets", "numpy", "pandas", "scikit-learn", "duckdb")
    return {
        "ledger": dict(ledger.provenance),
        "parameters": {
            "model": segmentation.model,
            "n_segments": segmentation.n_segments,
            "features": list(segmentation.features),
            "features_chosen_by": "user" if names else "default",
            **asked,
            "late_rule": str(ledger.late_rule),
            "as_of": f"{ledger.as_of:%Y-%m-%d}",
        },
        "seed": segmentation.seed,
        "versions": {package: version(package) for package in packages},
    }
