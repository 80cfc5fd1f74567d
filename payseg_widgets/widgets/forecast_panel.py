"""Who will pay when: models to judge, a threshold to move, cash by week, the open invoices and why each is what it is."""

from __future__ import annotations

from typing import Any, ClassVar

import pandas as pd
import traitlets

from payseg_widgets.errors import ForecastError
from payseg_widgets.ledger.findings import counted
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.prediction.compare import ForecastComparison, compare_forecasters
from payseg_widgets.prediction.forecast import PaymentForecast, predict_payments
from payseg_widgets.views.forecast_pictures import CALLED
from payseg_widgets.views.forecasters import CHOSEN
from payseg_widgets.views.selection import Selection
from payseg_widgets.views.view import View
from payseg_widgets.widgets.cluster_explorer import ClusterExplorer
from payseg_widgets.widgets.forecast_table import ForecastTable
from payseg_widgets.widgets.panel import Checked
from payseg_widgets.widgets.viewer import Viewer

_TRAITS = (
    "comparison", "forecast", "model", "cost_of_missing", "cost_of_flagging", "threshold", "invoice", "picture",
)  # fmt: skip
_OF_INVOICE, _OF_MODEL = ("reasons", "dates"), ("roc", "precision", "calibration", "costs", "months")
_OF_THRESHOLD = ("roc", "precision", "costs")


class ForecastPanel(Viewer):
    """Judge forecasters, choose from which chance on an invoice is flagged, see the cash of coming weeks and what binds it.

    Parameters
    ----------
    ledger : Ledger
    as_of : date, optional
        Day on which is forecast; nothing later is seen. By default the ledger's.
    comparison : ForecastComparison, optional
    forecast : PaymentForecast, optional
        Made before; what is not given is made at once.
    explorer : ClusterExplorer, optional
        The customer of an invoice picked here is selected there.
    start : bool
        Whether to begin where something is not given.
    shows_ids : bool
        Whether the page may tell who a customer is. Invoices are told by their numbers in any case.
    **choices
        ``model``, ``cost_of_missing``, ``cost_of_flagging``, ``threshold``, ``invoice``, ``picture``.

    Attributes
    ----------
    comparison : ForecastComparison or None
    forecast : PaymentForecast or None
    model : str
        The forecaster looked at; the best by error until one is picked. It is judged on past invoices; the chances of open
        ones are those of ``forecast``.
    cost_of_missing, cost_of_flagging : float
        What a late invoice costs that is not flagged, and a timely one that is; in any unit common to both.
    threshold : float
        From which chance on an invoice is flagged, in whole per cent. Goes with the costs until it is moved away from the one
        they make cheapest.
    invoice : str
        The open invoice picked; empty for none.
    picture : str
        Which picture is shown.
    selection : Selection
        The customer of the invoice picked.

    Raises
    ------
    ForecastError
        If this is no ledger; for a cost that is not positive, or a threshold outside [0, 1].
    UnknownNameError
        For ``model``, ``invoice``: if there is none of that name.
    """

    comparison = traitlets.Instance(ForecastComparison, allow_none=True)
    forecast = traitlets.Instance(PaymentForecast, allow_none=True)
    model = Checked("")
    cost_of_missing = Checked(4.0)
    cost_of_flagging = Checked(1.0)
    threshold = Checked(0.2)
    invoice = Checked("")
    picture = traitlets.Enum(tuple(CALLED), "cash")
    selection = traitlets.Instance(Selection, read_only=True)
    _pickable: ClassVar = ("invoice", "model")

    def __init__(
        self,
        ledger: Ledger,
        *,
        as_of: str | pd.Timestamp | None = None,
        comparison: ForecastComparison | None = None,
        forecast: PaymentForecast | None = None,
        explorer: ClusterExplorer | None = None,
        start: bool = True,
        shows_ids: bool = True,
        **choices: Any,
    ) -> None:
        if not isinstance(ledger, Ledger):
            raise ForecastError(
                f"payments are forecast of a Ledger, not of a {type(ledger).__name__}: read_ledger(...)."
            )
        self.ledger = ledger if as_of is None else ledger.until(as_of)
        self.explorer = explorer
        self._drawn: tuple[Any, ...] = ()
        table = ForecastTable(
            self._predict, self._compare, comparison, forecast, shows_ids=shows_ids, **choices
        )
        super().__init__(table, _TRAITS)
        self.set_trait("selection", Selection.nothing())
        self.observe(self._select, "invoice")
        self.observe(self._draw, [*_TRAITS])
        self._select()
        self._draw()
        if start:
            table.complete()

    def to_code(self, ledger: str = "ledger") -> str:
        """Return Python that makes the same: the comparison, what the threshold does, the forecast, the reasons.

        Parameters
        ----------
        ledger : str
            What the ledger is called there.
        """
        names = []
        lines = [f"seen = {ledger}.until({f'{self.ledger.as_of:%Y-%m-%d}'!r})"]
        if self.comparison is not None:
            names.append("compare_forecasters")
            lines += self._comparison_code()
        if self.forecast is not None:
            names.append("predict_payments")
            lines.append(self._forecast_code(self.forecast))
        if self.invoice:
            lines.append(f"reasons = explain_invoice(forecast, {self.invoice!r})")
        imports = [f"from payseg_widgets import {', '.join(sorted(names))}"] if names else []
        imports += ["from payseg_widgets.prediction.explain import explain_invoice"] if self.invoice else []
        imports += (
            ["from payseg_widgets.prediction.scores import confusion"] if self.comparison is not None else []
        )
        return "\n".join([*imports, *[""] * bool(imports), *lines])

    def __repr__(self) -> str:
        judged = "no models" if self.comparison is None else counted(len(self.comparison.table), "model")
        there = (
            "no forecast" if self.forecast is None else counted(len(self.forecast.invoices), "open invoice")
        )
        return f"ForecastPanel({judged}, {there}, threshold={self.threshold:g}, {self.table.state})"

    # ---- computing --------------------------------------------------------------------------------------------------

    def _predict(self, **run: Any) -> PaymentForecast:
        return predict_payments(self.ledger, **run)

    def _compare(self, **run: Any) -> ForecastComparison:
        return compare_forecasters(self.ledger, **run)

    def _forecast_code(self, forecast: PaymentForecast) -> str:
        """Return the call that made a forecast, which may have been given from outside: of another day, with other options."""
        day = "" if forecast.as_of == self.ledger.as_of else f"{f'{forecast.as_of:%Y-%m-%d}'!r}, "
        given = {
            name: forecast.provenance[name] for name in ("n_draws", "seed") if name in forecast.provenance
        }
        options = {"n_weeks": len(forecast.weeks) - 1, **given}
        return (
            f"forecast = predict_payments(seen, {day}{', '.join(f'{k}={v!r}' for k, v in options.items())})"
        )

    def _comparison_code(self) -> list[str]:
        assert self.comparison is not None  # noqa: S101  asked only where there is one
        names, day = self.comparison.table.index.tolist(), f"{self.comparison.split_on:%Y-%m-%d}"
        return [
            f"comparison = compare_forecasters(\n    seen, {names!r}, split_on={day!r}\n)",
            "judged = comparison.probabilities",
            f"# a late invoice missed costs {self.cost_of_missing:g}, a timely one flagged {self.cost_of_flagging:g}",
            f"counts = confusion(judged[{self.model!r}].to_numpy(), judged['is_late'].to_numpy(), {self.threshold!r})",
        ]

    # ---- wiring -----------------------------------------------------------------------------------------------------

    def _select(self, _change: Any = None) -> None:
        """Select the customer of the invoice picked, in the explorer too; let go, nobody where that was still selected."""
        before, whose = self.selection, []
        if self.forecast is not None and self.invoice:
            whose = [str(self.forecast.invoices["customer_id"][self.invoice])]
        self.set_trait("selection", Selection.picked(whose))
        if self.explorer is not None and (whose or self.explorer.selection == before):
            self.explorer.selection = self.selection

    def _draw(self, _change: Any = None) -> None:
        there = self.table.pictures()
        if self.picture not in there:
            return
        of_invoice = self.invoice if self.picture in _OF_INVOICE else ""
        of_model = self.model if self.picture in _OF_MODEL else ""
        costs = (self.cost_of_missing, self.cost_of_flagging) if self.picture == "costs" else ()
        shown = (self.picture, self.comparison, self.forecast, of_invoice, of_model, costs)
        if shown != self._drawn:
            self._drawn = shown
            self._show_picture(there[self.picture]())
            return
        self._mark()
        if self.picture in _OF_THRESHOLD:
            self._move_threshold(there[self.picture]())

    def _move_threshold(self, view: View) -> None:
        """Move the mark of the threshold in the picture shown to where it is in a new one."""
        shown, moved = (one.select_one({"name": CHOSEN}) for one in (self._figure, view.figure))
        shown.data_source.data = dict(moved.data_source.data)
        self._tell_picture(view)
