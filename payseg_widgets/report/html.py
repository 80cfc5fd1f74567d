"""A study as one self-contained HTML page: no server, no network, brushing in the page."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from bokeh.embed import components
from bokeh.resources import Resources
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from payseg_widgets import __version__
from payseg_widgets.report.text import figure, money, place, reconciliation_table, rejected_by_reason
from payseg_widgets.strategy.payment_curve import unpaid_curve
from payseg_widgets.study import Study
from payseg_widgets.views.ageing import ageing_view
from payseg_widgets.views.criteria import criteria_view
from payseg_widgets.views.explorer import explorer_view
from payseg_widgets.views.months import months_view
from payseg_widgets.views.payment_curve import payment_curve_view
from payseg_widgets.views.profile import profile_view
from payseg_widgets.views.theme import segment_colour
from payseg_widgets.views.view import View

#: Features the explorer draws and compares, where the ledger has them; the first two span a picture.
EXPLORED = (
    "mean_days_late",
    "on_time_ratio",
    "payment_consistency",
    "days_late_trend",
    "part_payment_ratio",
    "outstanding",
)


def report_html(study: Study, *, names: bool = False) -> str:
    """Return the report as one HTML page.

    Parameters
    ----------
    study : Study
    names : bool
        Whether customers are called by name beside their id.
    """
    views = study_views(study, names=names)
    script, parts = components({key: view.figure for key, view in views.items()})
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
            bokeh=Markup(_bokeh()),  # noqa: S704
            names=_names(study) if names else {},
            tables=_tables(study),
            colour=segment_colour,
            version=__version__,
        )
    )


@cache
def _bokeh() -> str:
    return Resources(mode="inline", components=["bokeh", "bokeh-widgets", "bokeh-tables"]).render()


def study_views(study: Study, *, names: bool = False) -> dict[str, View]:
    """Draw every picture of the report."""
    ledger, segmentation = study.ledger, study.segmentation
    called = {card.segment: f"{card.letter} {card.name}" for card in segmentation.cards}
    labels = segmentation.labels_.to_numpy()
    curves = {s: unpaid_curve(study.invoices.customers(np.flatnonzero(labels == s))) for s in called}
    balance = (study.ageing_by_segment / ledger.minor_per_unit).rename(index=called)
    measure_labels = {m.name: m.label for m in study.features.measures}
    shown = [m for m in study.features.measures if m.name in EXPLORED]
    shown.sort(key=lambda m: EXPLORED.index(m.name))
    return {
        "months": months_view(study.invoices, ledger.currency, str(ledger.late_rule)),
        "curves": payment_curve_view(curves, called),
        "ageing": ageing_view(balance.rename(columns=_bucket_label), ledger.currency),
        "profile": profile_view(segmentation.cards, {n: measure_labels[n] for n in segmentation.features}),
        "criteria": criteria_view(segmentation),
        "explorer": explorer_view(
            _customers(study, called, names),
            axes=(segmentation.coordinates.attrs["x_label"], segmentation.coordinates.attrs["y_label"]),
            measures=shown,
            currency=ledger.currency,
        ),
    }


def _bucket_label(name: str) -> str:
    """Name an ageing bucket for readers.

    >>> _bucket_label("not_due"), _bucket_label("1_30"), _bucket_label("over_90")
    ('not due', '1–30 days', 'over 90 days')
    """
    if name == "not_due":
        return "not due"
    return f"{name.replace('over_', 'over ').replace('_', '–')} days"


def _customers(study: Study, called: dict[int, str], names: bool) -> pd.DataFrame:
    frame = study.features.frame
    labels = study.segmentation.labels_
    ids = frame.index.to_series()
    if names:
        name = study.ledger.customers.set_index("customer_id")["name"].reindex(frame.index)
        ids = ids.where(name.isna(), ids + " " + name.fillna(""))
    table = pd.DataFrame(
        {
            "customer_id": ids.to_numpy(),
            "segment": labels.to_numpy(),
            "segment_name": labels.map(called).to_numpy(),
            "letter": labels.map({c.segment: c.letter for c in study.segmentation.cards}).to_numpy(),
            "invoiced": study.invoices.money(study.invoices.invoiced),
        }
    )
    place = study.segmentation.coordinates.reindex(frame.index)
    table = table.assign(x=place["x"].to_numpy(), y=place["y"].to_numpy())
    return table.join(frame[[n for n in EXPLORED if n in frame]].reset_index(drop=True))


def _names(study: Study) -> dict[str, str]:
    return study.ledger.customers.set_index("customer_id")["name"].dropna().to_dict()


def _tables(study: Study) -> dict[str, Any]:
    ledger, segmentation = study.ledger, study.segmentation
    called = {c.segment: f"{c.letter} {c.name}" for c in segmentation.cards} | {"all": "All customers"}
    by_segment = study.kpis_by_segment
    formats = {
        "n_customers": ("customers", "count"), "n_invoices": ("invoices", "count"), "invoiced": ("invoiced", "money"), "invoiced_share": ("of all", "ratio"),
        "outstanding": ("outstanding", "money"), "outstanding_share": ("of all", "ratio"), "overdue_ratio": ("overdue", "ratio"),
        "late_ratio": ("late", "ratio"), "mean_delay": ("mean delay", "days"), "dso_count_back": ("DSO, count-back", "days"),
    }  # fmt: skip
    return {
        "kpis": [(k.label, figure(k.value, k.unit, ledger.currency), k.definition) for k in study.kpis],
        "by_segment": Table(
            ("segment", *(head for head, _ in formats.values())),
            [
                (called[s], *(figure(row[c], unit, "") for c, (_, unit) in formats.items()))
                for s, row in by_segment.iterrows()
            ],
        ),
        "reconciliation": Table.of(reconciliation_table(ledger), str),
        "findings": [
            (place(q.table, q.column), q.finding, money(q.amount_minor, ledger))
            for q in ledger.quality.itertuples()
        ],
        "rejected": Table.of(rejected_by_reason(ledger), str),
        "top": Table(
            ("customer", "segment", "outstanding", "overdue", "share", "oldest"),
            [
                (
                    r.customer_id,
                    called.get(r.segment, "–"),
                    figure(r.outstanding, "money"),
                    figure(r.overdue, "money"),
                    figure(r.share, "ratio"),
                    f"{r.oldest_days_overdue:.0f} days",
                )
                for r in study.top_debtors.itertuples()
            ],
        ),
        "attempts": _attempts(segmentation.attempts),
        "quality": [
            (name.replace("_", " "), f"{value:.3f}" if isinstance(value, float) else str(value))
            for name, value in segmentation.quality.items()
            if isinstance(value, str | int | float)
        ],
        "features": _features(study),
    }


class Table:
    """Headings and rows of finished text, for the template."""

    def __init__(self, headings: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
        self.headings, self.rows = headings, rows

    @classmethod
    def of(cls, frame: pd.DataFrame, write: Callable[[Any], str]) -> Table:
        """Write each cell of a table."""
        rows = [tuple("" if pd.isna(v) else write(v) for v in row) for row in frame.itertuples(index=False)]
        return cls(tuple(str(c).replace("_", " ") for c in frame.columns), rows)


def _attempts(attempts: pd.DataFrame) -> Table:
    numbers = [c for c in attempts.columns if c not in ("model", "account")]
    rows = [
        (str(row["model"]).replace("_", " "), *(_short(row[c]) for c in numbers), str(row["account"]))
        for _, row in attempts.iterrows()
    ]
    return Table(("model", *(c.replace("_", " ") for c in numbers), "account"), rows)


def _short(value: Any) -> str:
    if value is None or pd.isna(value):
        return "–"
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.2f}"


def _features(study: Study) -> Table:
    used = set(study.segmentation.features)
    described = study.features.describe()
    rows = []
    for _, row in described.iterrows():
        unit = str(row["unit"])
        shown = unit if unit in ("ratio", "days", "money") else "other"
        rows.append(
            (
                ("● " if row["feature"] in used else "") + str(row["label"]), unit.replace("_", " "), f"{row['n_estimable']:,}",
                _value(row["q25"], shown), _value(row["median"], shown), _value(row["q75"], shown),
                "–" if pd.isna(row["reliability"]) else f"{row['reliability']:.2f}", str(row["meaning"]),
            )
        )  # fmt: skip
    return Table(
        (
            "feature",
            "unit",
            "customers",
            "lower quartile",
            "median",
            "upper quartile",
            "reliability",
            "meaning",
        ),
        rows,
    )


def _value(value: float, unit: str) -> str:
    if pd.isna(value):
        return "–"
    return figure(value, unit) if unit != "other" else f"{value:,.2f}"


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
    environment.filters["plain"] = lambda table: Table.of(
        table, lambda v: f"{v:,.2f}" if isinstance(v, float) else str(v)
    )
    return environment
