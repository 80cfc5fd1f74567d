"""A study as one self-contained HTML page: no server, no network, brushing in the page."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
from bokeh.embed import components
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from payseg_widgets import __version__
from payseg_widgets.report.groups_tables import MOST_PAIRS, group_tables, office_caution
from payseg_widgets.report.html_tables import page_tables, plain_table
from payseg_widgets.report.strategy_tables import MOST_CALLS, interest_sentence, strategy_tables
from payseg_widgets.report.tables import rules_by_segment
from payseg_widgets.report.text import figure
from payseg_widgets.strategy.payment_curve import unpaid_curve
from payseg_widgets.study import Study
from payseg_widgets.views.ageing import ageing_view, bucket_label
from payseg_widgets.views.brush_export import bokeh_script, brush_part, brush_style
from payseg_widgets.views.criteria import criteria_view
from payseg_widgets.views.effect_groups import clusters_view
from payseg_widgets.views.effects import forest_view
from payseg_widgets.views.exploration import explore
from payseg_widgets.views.forecast import ageing_ahead_view, cash_view, open_invoices_view
from payseg_widgets.views.months import months_view
from payseg_widgets.views.payment_curve import payment_curve_view
from payseg_widgets.views.profile import profile_view
from payseg_widgets.views.structure import structure_view
from payseg_widgets.views.theme import segment_colour
from payseg_widgets.views.view import View


def report_html(study: Study, *, names: bool = False) -> str:
    """Return the report as one HTML page.

    Parameters
    ----------
    study : Study
    names : bool
        Whether customers are called by name beside their id.
    """
    views = study_views(study)
    script, parts = components({key: view.figure for key, view in views.items()})
    explored = explore(study.features, study.segmentation, called=_called(study) if names else None).brush
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            study=study,
            ledger=study.ledger,
            segmentation=study.segmentation,
            views=views,
            divs={key: Markup(part) for key, part in parts.items()},  # noqa: S704  Bokeh's own, data go in as JSON
            script=Markup(script),  # noqa: S704
            explorer=brush_part(explored),
            explored=explored.view,
            explorer_style=brush_style(),
            bokeh=bokeh_script(),
            names=_names(study) if names else {},
            tables=page_tables(study),
            advice=strategy_tables(study.strategy, _caller(study, names)),
            interest=interest_sentence(study.strategy),
            most_calls=MOST_CALLS,
            grouped=group_tables(study.groups),
            most_pairs=MOST_PAIRS,
            office=office_caution(study.groups),
            rules=rules_by_segment(study),
            colour=segment_colour,
            version=__version__,
        )
    )


def study_views(study: Study) -> dict[str, View]:
    """Draw every picture of the report but those that are brushed."""
    ledger, segmentation = study.ledger, study.segmentation
    called = {card.segment: f"{card.letter} {card.name}" for card in segmentation.cards}
    labels = segmentation.labels_.to_numpy()
    curves = {s: unpaid_curve(study.invoices.customers(np.flatnonzero(labels == s))) for s in called}
    balance = (study.ageing_by_segment / ledger.minor_per_unit).rename(index=called)
    measures = {m.name: m for m in study.features.measures}
    currency = "" if ledger.currency == "XXX" else ledger.currency
    gate = {} if segmentation.gate is None else {"structure": structure_view(segmentation.gate)}
    return {
        **gate,
        "months": months_view(study.invoices, currency, str(ledger.late_rule)),
        "curves": payment_curve_view(curves, called),
        "ageing": ageing_view(balance.rename(columns=bucket_label), currency),
        "profile": profile_view(segmentation.cards, [measures[name] for name in segmentation.features]),
        "criteria": criteria_view(segmentation),
        **_group_views(study),
        **_ahead_views(study),
    }


def _group_views(study: Study) -> dict[str, View]:
    """Draw delays by group and how the groups are spread over segments; spreads are in the table."""
    groups = study.groups
    delays = {by: report for (by, outcome), report in groups.effects.items() if outcome == "days_late"}
    views = {f"groups_{by}_days_late": forest_view(report) for by, report in delays.items()}
    if groups.clusters is not None:
        views |= {f"tie_{by}": clusters_view(groups.clusters, by) for by in groups.clusters.counts}
    return views


def _ahead_views(study: Study) -> dict[str, View]:
    forecast = study.outlook.forecast
    if forecast is None:
        return {}
    return {
        "cash": cash_view(forecast), "ageing_ahead": ageing_ahead_view(forecast), "open": open_invoices_view(forecast)
    }  # fmt: skip


def _called(study: Study) -> pd.Series:
    """Return what customers are called: their id and, where there is one, their name."""
    ids = study.features.frame.index.to_series()
    name = study.ledger.customers.set_index("customer_id")["name"].reindex(ids.index)
    return ids.where(name.isna(), ids + " " + name.fillna(""))


def _caller(study: Study, names: bool) -> Callable[[str], str]:
    """Return what calls a customer: by its id, and by name where that is wished."""
    named = _names(study) if names else {}
    return lambda name: f"{name} {named[name]}" if name in named else name


def _names(study: Study) -> dict[str, str]:
    named = study.ledger.customers.dropna(subset=["name"])
    return dict(zip(named["customer_id"], named["name"], strict=True))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("payseg_widgets.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = lambda value: figure(value, "ratio")
    environment.filters["plain"] = plain_table
    return environment
