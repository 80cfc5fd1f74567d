"""Which pictures a plan, its key figures and a scenario have to show."""

from __future__ import annotations

from collections.abc import Callable

from payseg_widgets.prediction.forecast import PaymentForecast
from payseg_widgets.strategy.key_figures import KeyFigures
from payseg_widgets.strategy.plan import Plan
from payseg_widgets.strategy.scenario_result import Scenario
from payseg_widgets.views.forecast import ageing_ahead_view
from payseg_widgets.views.strategy_actions import actions_view, risk_distribution_view
from payseg_widgets.views.strategy_cash import scenario_view
from payseg_widgets.views.strategy_trend import trend_view
from payseg_widgets.views.view import View

#: What each picture is called on a button.
CALLED = {
    "actions": "Customers by action", "risk": "Late probabilities", "trend": "Trend of the figure", "cash": "Cash if it holds",
    "ageing": "Ageing ahead",
}  # fmt: skip


def strategy_pictures(
    plan: Plan | None,
    figures: KeyFigures | None,
    scenario: Scenario | None,
    forecast: PaymentForecast | None,
    *,
    figure: str = "",
) -> dict[str, Callable[[], View]]:
    """Return what draws each picture that there is.

    Parameters
    ----------
    plan : Plan or None
    figures : KeyFigures or None
    scenario : Scenario or None
    forecast : PaymentForecast or None
    figure : str
        The key figure whose trend is drawn; empty for none.
    """
    found: dict[str, Callable[[], View]] = {}
    if plan is not None:
        found["actions"] = lambda: actions_view(plan)
    if figures is not None:
        found["risk"] = lambda: risk_distribution_view(figures.risk_distribution, figures.currency)
    if figures is not None and figure in figures.trend:
        row = figures.table.loc[figure]
        found["trend"] = lambda: trend_view(
            str(row["label"]), figures.trend[figure], str(row["unit"]), figures.currency
        )
    if scenario is not None:
        found["cash"] = lambda: scenario_view(scenario)
    if forecast is not None:
        found["ageing"] = lambda: ageing_ahead_view(forecast)
    return found
