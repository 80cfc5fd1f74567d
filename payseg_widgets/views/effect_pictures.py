"""Which pictures an effect report has to show."""

from __future__ import annotations

from collections.abc import Callable

from payseg_widgets.effects.clusters import GroupClusters
from payseg_widgets.effects.published import PUBLISHED
from payseg_widgets.effects.report import EffectReport
from payseg_widgets.views.effect_groups import clusters_view, distribution_view, published_view, years_view
from payseg_widgets.views.effects import (
    TILES,
    forest_view,
    ladder_view,
    matrix_view,
    removed_view,
    tiles_view,
)
from payseg_widgets.views.view import View

#: What each picture is called on a button.
CALLED = {
    "forest": "Groups", "pairs": "Pairs", "tiles": "Map", "ladder": "Places", "removed": "What adjusting removes",
    "years": "Years", "distribution": "Customers of the group", "published": "Published figures",
    "clusters": "Ways of paying",
}  # fmt: skip
#: A map is drawn where so many of the UK's regions are among the groups.
_LEAST_OF_MAP = 3


def effect_pictures(
    report: EffectReport, group: str = "", clusters: GroupClusters | None = None
) -> dict[str, Callable[[], View]]:
    """Return what draws each picture that there is.

    Parameters
    ----------
    report : EffectReport
    group : str
        The one picked; empty for none.
    clusters : GroupClusters, optional
        Whether groups and ways of paying go together, where it was asked.
    """
    found: dict[str, Callable[[], View]] = {
        "forest": lambda: forest_view(report, group),
        "pairs": lambda: matrix_view(report, group),
    }
    if report.groups["group"].isin(list(TILES)).sum() >= _LEAST_OF_MAP:
        found["tiles"] = lambda: tiles_view(report, group)
    found["ladder"] = lambda: ladder_view(report, group)
    if report.adjusted_for:
        found["removed"] = lambda: removed_view(report)
    if len(report.years):
        found["years"] = lambda: years_view(report, group)
    if group:
        found["distribution"] = lambda: distribution_view(report, group)
    for published in PUBLISHED if report.outcome == "days_late" else ():
        if published.by == report.by and report.groups["group"].isin(list(published.values)).any():
            found["published"] = lambda published=published: published_view(report, published)  # type: ignore[misc]
    if clusters is not None and report.by in clusters.counts:
        found["clusters"] = lambda: clusters_view(clusters, report.by)
    return found
