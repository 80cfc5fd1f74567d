"""The page's half of the forecast panel: the run, the models, the threshold and its costs, the open invoices."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from numbers import Real
from typing import Any

import pandas as pd
import traitlets

from payseg_widgets.errors import Cancelled, ForecastError, PaysegError, UnknownNameError
from payseg_widgets.ledger.findings import counted
from payseg_widgets.prediction.compare import ForecastComparison
from payseg_widgets.prediction.explain import InvoiceReasons, explain_invoice
from payseg_widgets.prediction.forecast import STEPS, PaymentForecast
from payseg_widgets.prediction.forecaster import FORECASTERS
from payseg_widgets.prediction.scores import cheapest_threshold
from payseg_widgets.views.forecast import cash_view
from payseg_widgets.views.forecast_pictures import CALLED, forecast_pictures
from payseg_widgets.views.forecasters import models_view
from payseg_widgets.views.view import View
from payseg_widgets.widgets.errands import Errand
from payseg_widgets.widgets.forecast_rows import invoice_rows, invoice_told, model_rows, threshold_rows
from payseg_widgets.widgets.panel import Checked, page_script, page_style
from payseg_widgets.widgets.running import RunningPanel

#: What a missed late invoice and a flagged timely one cost until it is said.
_COSTS = (4.0, 1.0)
#: What is said of a piece that could not be made.
_REFUSED = {"forecast": "payments could not be forecast", "comparison": "models could not be compared"}


class ForecastTable(RunningPanel):
    """Forecasts and compares in a thread and shows both as sentences and tables; `ForecastPanel` adds the pictures.

    Parameters
    ----------
    predict, compare : callable
        Called with ``progress=`` and ``cancel=``; return a `PaymentForecast` and a `ForecastComparison`.
    comparison : ForecastComparison, optional
    forecast : PaymentForecast, optional
        Made before.
    shows_ids : bool

    Attributes
    ----------
    comparison : ForecastComparison or None
    forecast : PaymentForecast or None
    reasons : InvoiceReasons or None
        Of the invoice picked.
    model : str
    cost_of_missing, cost_of_flagging : float
    threshold : float
    invoice, picture : str
        See `ForecastPanel`.
    progress, state, message, error
        See `payseg_widgets.widgets.running.RunningPanel`. A run of which something came has not failed: the message says what
        could not be made, and ``error`` is why nothing could be forecast.
    """

    _esm = (
        page_script("kernel.js", "run_bar.js", "pick_rows.js", "forecast_threshold.js", "forecast_table.js")
        + "\nexport default { render: renderForecastTable };\n"
    )
    _css = page_style("panel.css", "segmenter.css", "listing.css", "forecast_table.css")

    comparison = traitlets.Instance(ForecastComparison, allow_none=True)
    forecast = traitlets.Instance(PaymentForecast, allow_none=True)
    reasons = traitlets.Instance(InvoiceReasons, allow_none=True, read_only=True)
    model = Checked("").tag(sync=True, echo_update=False)
    cost_of_missing = Checked(_COSTS[0]).tag(sync=True, echo_update=False)
    cost_of_flagging = Checked(_COSTS[1]).tag(sync=True, echo_update=False)
    threshold = Checked(0.2).tag(sync=True, echo_update=False)
    invoice = Checked("").tag(sync=True, echo_update=False)
    picture = traitlets.Enum(tuple(CALLED), "cash").tag(sync=True, echo_update=False)
    _models = traitlets.Dict().tag(sync=True)
    _judging = traitlets.Dict().tag(sync=True)
    _open = traitlets.Dict().tag(sync=True)
    _told = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        predict: Callable[..., PaymentForecast],
        compare: Callable[..., ForecastComparison],
        comparison: ForecastComparison | None = None,
        forecast: PaymentForecast | None = None,
        *,
        shows_ids: bool = True,
        **options: Any,
    ) -> None:
        self._predict, self._compare, self._shows_ids = predict, compare, shows_ids
        self._explained: tuple[PaymentForecast | None, str] = (None, "")
        super().__init__(comparison=comparison, forecast=forecast, **options)
        self._costs = (self.cost_of_missing, self.cost_of_flagging)
        if "threshold" not in options:
            self.threshold = self.cheapest
        self.observe(self._follow_costs, ["cost_of_missing", "cost_of_flagging"])
        is_made = comparison is not None or forecast is not None
        self._show("idle", float(is_made), self._in_words() if is_made else "Nothing is forecast yet.")

    @property
    def cheapest(self) -> float:
        """The threshold that the two costs make cheapest, in whole per cent from 1 to 99."""
        return _cheapest(self.cost_of_missing, self.cost_of_flagging)

    def start(self) -> None:
        """Forecast and compare anew; a run under way is cancelled."""
        self._make(predicts=True, compares=True)

    def complete(self) -> None:
        """Make what is not there yet."""
        if self.forecast is None or self.comparison is None:
            self._make(predicts=self.forecast is None, compares=self.comparison is None)

    def cancel(self) -> None:
        """Stop at the next step; what is done by then is kept."""
        if self._errand is not None and self.state == "running":
            self._errand.stop()
            self._show("running", self.progress, "Stopping; what is done is kept.")

    def wait(self, timeout: float | None = None) -> PaymentForecast:
        """Wait for the run to end and return the forecast, also where models could not be compared.

        Raises
        ------
        TimeoutError
            If it takes longer; it goes on.
        PaysegError
            What kept the forecast from being made.
        Cancelled
            If the run was cancelled before anything was forecast.
        """
        self._wait_for_end(timeout)
        if self.forecast is None:
            raise Cancelled(self.message)
        return self.forecast

    def pictures(self) -> dict[str, Callable[[], View]]:
        """Return what draws each picture that there is now."""
        return forecast_pictures(
            self.comparison, self.forecast, model=self.model, threshold=self.threshold, invoice=self.invoice,
            reasons=self.reasons, cost_of_missing=self.cost_of_missing, cost_of_flagging=self.cost_of_flagging,
        )  # fmt: skip

    def as_view(self) -> View:
        """Return the cash by week, or the models where only those are there."""
        if self.forecast is not None:
            return cash_view(self.forecast)
        if self.comparison is not None:
            return models_view(self.comparison, self.model)
        return View("Payment forecast", None, pd.DataFrame({"week beginning": []}), self.message)

    def checked(self, name: str, value: Any) -> Any:
        """Return a choice as it is kept: costs as floats, the threshold in whole per cent.

        Raises
        ------
        UnknownNameError
            If there is no such model or open invoice.
        ForecastError
            If a cost is not positive, or the threshold lies outside [0, 1].
        """
        if name == "model":
            return self._checked_model(value)
        if name == "invoice":
            if value and (self.forecast is None or value not in self.forecast.invoices.index):
                raise UnknownNameError(
                    f"{str(value)[:60]!r} is no open invoice of the forecast. Those there are: forecast.invoices.index."
                )
            return str(value)
        figure = float(value) if isinstance(value, Real) else math.nan
        if name == "threshold" and not 0 <= figure <= 1:
            raise ForecastError(f"threshold={value!r}: give a chance from 0 to 1.")
        if name != "threshold" and not 0 < figure < math.inf:
            raise ForecastError(
                f"{name}={value!r}: give a positive number, in any unit common to both costs."
            )
        return round(figure, 2) if name == "threshold" else figure

    def _checked_model(self, value: Any) -> str:
        if self.comparison is None:
            return FORECASTERS[value].name if value else ""
        if not value:
            return _best(self.comparison)
        if value not in self.comparison.table.index:
            there = ", ".join(self.comparison.table.index)
            raise UnknownNameError(f"{str(value)[:60]!r} was not compared. Compared: {there}.")
        return str(value)

    # ---- in the thread ----------------------------------------------------------------------------------------------

    def _make(self, *, predicts: bool, compares: bool) -> None:
        pieces: list[tuple[Callable[..., Any], str, int]] = []
        if predicts:
            pieces.append((self._predict, "forecast", len(STEPS)))
        if compares:
            pieces.append((self._compare, "comparison", len(FORECASTERS)))
        self._begin(lambda errand: self._carry_out(
            errand, lambda **run: self._make_all(errand, pieces, **run), self._finish, self._stopped
        ))  # fmt: skip

    def _make_all(
        self,
        errand: Errand,
        pieces: list[tuple[Callable[..., Any], str, int]],
        *,
        progress: Callable[[str, int, int], None],
        cancel: Errand,
    ) -> dict[str, PaysegError]:
        """Make one after the other, show each when it is there, and return why some could not be made."""
        refused: dict[str, PaysegError] = {}
        total, before = sum(n for _, _, n in pieces), 0
        for work, name, n in pieces:

            def tell(what: str, done: int, _total: int, *, before: int = before) -> None:
                progress(what, min(before + done, total), total)

            try:
                made = work(progress=tell, cancel=cancel)
            except Cancelled:
                raise
            except PaysegError as error:
                refused[name] = error
            else:
                self._deliver(errand, lambda name=name, made=made: self.set_trait(name, made))  # type: ignore[misc]
            before += n
        return refused

    # ---- where the widget lives -------------------------------------------------------------------------------------

    def _finish(self, refused: dict[str, PaysegError]) -> None:
        there = [name for name in _REFUSED if name not in refused and getattr(self, name) is not None]
        if not there:
            self._fail(next(iter(refused.values())))
            return
        self.error = refused.get("forecast")
        said = [self._in_words(there), *(f"{_REFUSED[name]}: {error}" for name, error in refused.items())]
        self._show("idle", 1.0, "; ".join(one.removesuffix(".") for one in said) + ".")

    def _stopped(self, kept: Any) -> None:
        if isinstance(kept, ForecastComparison) and len(kept.table):
            self.comparison = kept
        there = self.forecast is not None or self.comparison is not None
        self._show("cancelled", 0.0, f"Cancelled. {self._in_words() if there else 'Nothing was made yet.'}")

    def _in_words(self, names: Iterable[str] = _REFUSED) -> str:
        """Say what there is of a forecast and a comparison."""
        parts = []
        if self.forecast is not None and "forecast" in names:
            parts.append(f"{counted(len(self.forecast.invoices), 'open invoice')} forecast")
        if self.comparison is not None and "comparison" in names:
            parts.append(f"{counted(len(self.comparison.table), 'model')} compared")
        return "; ".join(parts) + "."

    def _follow_costs(self, _change: Any) -> None:
        """Move the threshold with the costs as long as it is the one they make cheapest."""
        followed = self.threshold == _cheapest(*self._costs)
        self._costs = (self.cost_of_missing, self.cost_of_flagging)
        if followed:
            self.threshold = self.cheapest

    @traitlets.observe("comparison")
    def _tell_models(self, _change: Any) -> None:
        made = self.comparison
        self._models = {} if made is None else model_rows(made)
        if made is not None and self.model not in made.table.index:
            self.model = _best(made)
        self._judge()

    @traitlets.observe("forecast")
    def _tell_open(self, _change: Any) -> None:
        made = self.forecast
        self._open = {} if made is None else invoice_rows(made, shows_ids=self._shows_ids)
        if made is None or self.invoice not in made.invoices.index:
            self.invoice = ""
        self._judge()

    @traitlets.observe("model")
    def _judge(self, _change: Any = None) -> None:
        of = self.comparison
        is_judged = of is not None and self.model in of.table.index
        self._judging = threshold_rows(of, self.model, self.forecast) if of is not None and is_judged else {}
        self._tell_pictures()

    @traitlets.observe("invoice")
    def _tell_pictures(self, _change: Any = None) -> None:
        self._explain()
        there = self.pictures()
        if self.picture not in there:
            self.picture = next(iter(there), "cash")
        told: dict[str, Any] = {"pictures": [[name, CALLED[name]] for name in there]}
        if self.forecast is not None and self.reasons is not None:
            told |= invoice_told(self.forecast, self.invoice, self.reasons, shows_ids=self._shows_ids)
        self._told = told

    def _explain(self) -> None:
        """Find the reasons of the invoice picked, which takes a moment: never twice."""
        of, wanted = self.forecast, (self.forecast, self.invoice)
        if wanted == self._explained:
            return
        self._explained = wanted
        self.set_trait(
            "reasons", explain_invoice(of, self.invoice) if of is not None and self.invoice else None
        )


def _cheapest(cost_of_missing: float, cost_of_flagging: float) -> float:
    """Return the cheapest threshold in whole per cent; at 0 or 100 there would be no choice left."""
    return round(min(max(cheapest_threshold(cost_of_missing, cost_of_flagging), 0.01), 0.99), 2)


def _best(comparison: ForecastComparison) -> str:
    return str(comparison.table["brier"].idxmin())
