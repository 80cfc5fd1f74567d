"""What to do: key figures, who gets which action, another policy, what if, and whom to call, on one board."""

from __future__ import annotations

from typing import Any

import traitlets

from payseg_widgets.errors import StrategyError
from payseg_widgets.ledger.findings import counted
from payseg_widgets.report.worklist_file import worklist_csv
from payseg_widgets.strategy.expected_loss import LOSS_DAYS
from payseg_widgets.strategy.figure_checks import check_figures
from payseg_widgets.strategy.key_figures import N_TOP, KeyFigures, key_figures, refigured
from payseg_widgets.strategy.plan import Plan, recommend
from payseg_widgets.strategy.plan_change import PlanChange
from payseg_widgets.strategy.policy import Policy, default_policy
from payseg_widgets.strategy.scenario_result import Scenario
from payseg_widgets.strategy.self_check import Finding
from payseg_widgets.strategy.worklist import Worklist, worklist
from payseg_widgets.study import Study
from payseg_widgets.views.selection import Selection
from payseg_widgets.views.strategy_pictures import CALLED
from payseg_widgets.widgets.cluster_explorer import ClusterExplorer
from payseg_widgets.widgets.panel import Checked
from payseg_widgets.widgets.strategy_assumption import RANGES, Assumption, groupings_of
from payseg_widgets.widgets.strategy_choices import SCENARIO
from payseg_widgets.widgets.strategy_run import Makers
from payseg_widgets.widgets.strategy_table import StrategyTable
from payseg_widgets.widgets.viewer import Viewer

_TRAITS = ("policy", *SCENARIO, "calls_a_day", "call_days", "customer", "figure", "picture")


class StrategyBoard(Viewer):
    """Key figures, actions by segment, a policy to edit, scenarios to lay on the forecast, and a list of whom to call.

    Parameters
    ----------
    study : Study
    policy : Policy, optional
        That of the study's own plan when not given, or the default one of the package.
    explorer : ClusterExplorer, optional
        The customer picked here is selected there.
    start : bool
        Whether to compute at once.
    editable : bool
        Whether the page may set the policy; Python may in any case.
    shows_ids : bool
        Whether the page may tell who a customer is.
    shows_names : bool
        Whether it calls customers by name beside their id.
    **choices
        ``kind``, ``n``, ``days``, ``terms_days``, ``share``, ``discount``, ``by_day``, ``grouping``, ``group``,
        ``calls_a_day``, ``call_days``, ``customer``, ``figure``, ``picture``.

    Attributes
    ----------
    policy : Policy
        Setting it makes the plan anew; ``change`` says what that changes.
    kind : {"top_delay", "group_delay", "terms_change", "group_default", "early_discount"}
        What is assumed: see `payseg_widgets.strategy.scenarios.scenario`.
    n, days, terms_days, by_day : int
    share, discount : float
        Figures of the assumption; each kind needs some of them. ``terms_days`` is the change of terms.
    grouping, group : str
        ``segment``, or a column of the study's customers, and the group concerned. An empty group is everybody for
        ``early_discount``, and for other kinds the group that owes most.
    calls_a_day, call_days : int
        Capacity of the worklist.
    customer : str
        The one picked; empty for none.
    figure : str
        The key figure whose trend is drawn.
    picture : str
        Which picture is shown.
    selection : Selection
        The customer picked.

    Raises
    ------
    StrategyError
        If this is no study or no policy, or for a figure out of its range.
    UnknownNameError
        For ``kind``, ``grouping``, ``group``, ``customer``, ``figure``: if there is none of that name.
    """

    policy = Checked(None)
    kind = Checked("top_delay")
    n = Checked(RANGES["n"].start)
    days = Checked(RANGES["days"].start)
    terms_days = Checked(RANGES["terms_days"].start)
    share = Checked(RANGES["share"].start)
    discount = Checked(RANGES["discount"].start)
    by_day = Checked(RANGES["by_day"].start)
    grouping = Checked("segment")
    group = Checked("")
    calls_a_day = Checked(RANGES["calls_a_day"].start)
    call_days = Checked(RANGES["call_days"].start)
    customer = Checked("")
    figure = Checked("")
    picture = traitlets.Enum(tuple(CALLED), "actions")
    selection = traitlets.Instance(Selection, read_only=True)

    def __init__(
        self,
        study: Study,
        *,
        policy: Policy | None = None,
        explorer: ClusterExplorer | None = None,
        start: bool = True,
        editable: bool = True,
        shows_ids: bool = True,
        shows_names: bool = False,
        **choices: Any,
    ) -> None:
        if not isinstance(study, Study):
            raise StrategyError(
                f"a board is made of a Study, not of a {type(study).__name__}: run_study(ledger)."
            )
        self.study, self.explorer = study, explorer
        self._names_from = study.ledger if shows_ids and shows_names else None
        self._drawn: tuple[Any, ...] = ()
        self._figured: KeyFigures | None = None  # the latest worked out, shown or not
        ordered = {
            name: choices.pop(name) for name in _TRAITS if name in choices
        }  # a grouping before its group
        table = StrategyTable(
            makers=Makers(self._recommend, self._key_figures, self._worklist, self._scenario, self._check),
            policy=policy or _policy_of(study),
            forecast=study.outlook.forecast, customers=study.segmentation.labels_.index,
            groupings=groupings_of(study),
            segmentation=study.segmentation, called=self._caller(shows_ids),
            worklist_csv=self._worklist_csv if shows_ids else None, is_editable=editable, **ordered, **choices,
        )  # fmt: skip
        super().__init__(table, _TRAITS)
        self.set_trait("selection", Selection.nothing())
        self.observe(self._select, "customer")
        self.observe(self._draw, ["figure", "picture"])
        table.observe(self._draw, ["plan", "figures", "scenario"])
        self._select()
        self._draw()
        if start:
            self.start()

    # ---- what is made -----------------------------------------------------------------------------------------------

    @property
    def plan(self) -> Plan | None:
        """The actions by the policy; ``None`` until they are chosen."""
        made: Plan | None = self.table.plan
        return made

    @property
    def key_figures(self) -> KeyFigures | None:
        """The key figures; ``None`` until they are computed."""
        made: KeyFigures | None = self.table.figures
        return made

    @property
    def change(self) -> PlanChange | None:
        """What the policy in force changes from the one before; ``None`` where it is the first."""
        made: PlanChange | None = self.table.change_of_policy
        return made

    @property
    def scenario(self) -> Scenario | None:
        """What is assumed, laid on the forecast; ``None`` until it is computed, or without a forecast."""
        made: Scenario | None = self.table.scenario
        return made

    @property
    def worklist(self) -> Worklist | None:
        """Whom to call; ``None`` until it is made, or without a forecast. `write_worklist` writes it to a file."""
        made: Worklist | None = self.table.worklist
        return made

    def to_code(self, study: str = "study") -> str:
        """Return Python that makes the same plan, key figures, scenario and worklist.

        Parameters
        ----------
        study : str
            What the study is called there.
        """
        has_forecast = self.study.outlook.forecast is not None
        is_default = self.policy == default_policy()
        names = ["key_figures", "recommend", *([] if is_default else ["parse_policy"])]
        names += ["scenario", "worklist"] if has_forecast else []
        policy = "" if is_default else ", policy"
        lines = [f"from payseg_widgets import {', '.join(sorted(names))}", ""]
        if not is_default:
            lines.append(f"policy = parse_policy({_quoted(self.policy.to_yaml())})")
        lines += [f"plan = recommend({study}{policy})", f"figures = key_figures({study}, plan)"]
        if has_forecast:
            lines += self.table.assumption.to_code(self.table.groupings, study)
            loss_days = "" if self.policy.loss_days == LOSS_DAYS else f", loss_days={self.policy.loss_days}"
            capacity = f"calls_a_day={self.calls_a_day}, days={self.call_days}"
            lines.append(f"calls = worklist({study}.outlook.forecast, {capacity}{loss_days})")
        if self.customer:
            lines.append(f"customer = plan.customers.loc[{self.customer!r}]")
        return "\n".join(lines)

    def close(self) -> None:
        """Stop what runs and take all parts from every page."""
        if self.comm is not None:
            self.table.unobserve(self._draw, ["plan", "figures", "scenario"])
        super().close()

    def __repr__(self) -> str:
        made = "no plan" if self.plan is None else counted(len(self.plan.customers), "customer")
        return f"StrategyBoard({made}, {self.kind}, as_of={self.study.ledger.as_of:%Y-%m-%d}, {self.table.state})"

    # ---- computing --------------------------------------------------------------------------------------------------

    def _recommend(self, policy: Policy) -> Plan:
        made = self.study.strategy.plan
        return made if made is not None and made.policy == policy else recommend(self.study, policy)

    def _key_figures(self, plan: Plan, **run: Any) -> KeyFigures:
        made = self.study.strategy
        if made.key_figures is not None and plan is made.plan:
            self._figured = made.key_figures
        elif (known := self._figured or made.key_figures) is not None:  # of another policy
            self._figured = refigured(known, plan)
        else:
            self._figured = key_figures(self.study, plan, **run)
        return self._figured

    def _check(self, figures: KeyFigures, listed: Worklist | None) -> tuple[Finding, ...]:
        return check_figures(figures, None, listed, balance_minor=int(self.study.invoices.outstanding.sum()))

    def _worklist(self, calls_a_day: int, days: int, loss_days: int) -> Worklist:
        forecast = self.study.outlook.forecast
        assert forecast is not None  # noqa: S101  asked only where there is one
        return worklist(forecast, calls_a_day=calls_a_day, days=days, loss_days=loss_days)

    def _scenario(self, assumed: Assumption, **run: Any) -> Scenario:
        """Lay an assumption on the forecast, unless it is the one that key figures tell of."""
        told, forecast = self._figured, self.study.outlook.forecast
        assert forecast is not None  # noqa: S101  asked only where there is one
        if told is not None and told.scenario is not None:
            of_figures = Assumption("top_delay", (("n", N_TOP), ("days", told.delay_days)))
            if assumed == of_figures:
                return told.scenario
        return assumed.laid_on(forecast, self.table.groupings, **run)

    def _worklist_csv(self, listed: Worklist) -> str:
        return worklist_csv(listed, names_from=self._names_from)

    def _caller(self, shows_ids: bool) -> Any:
        if not shows_ids:
            return lambda _customer: ""
        if self._names_from is None:
            return str
        names = (
            self._names_from.customers.drop_duplicates("customer_id")
            .set_index("customer_id")["name"]
            .dropna()
        )
        known = names.astype("str").to_dict()
        return lambda customer: f"{customer} {known[customer]}" if customer in known else customer

    # ---- wiring -----------------------------------------------------------------------------------------------------

    def _select(self, _change: Any = None) -> None:
        """Select the customer picked, in the explorer too; let go, nobody where that was still selected."""
        before = self.selection
        self.set_trait("selection", Selection.picked([self.customer] if self.customer else []))
        if self.explorer is not None and (self.customer or self.explorer.selection == before):
            self.explorer.selection = self.selection

    def _draw(self, _change: Any = None) -> None:
        there = self.table.pictures()
        if self.plan is None:
            return
        name = self.picture if self.picture in there else next(iter(there))
        of = {"actions": self.plan, "cash": self.scenario, "ageing": None}.get(name, self.key_figures)
        shown = (name, of, self.figure if name == "trend" else "")
        if shown != self._drawn:
            self._drawn = shown
            self._show_picture(there[name]())


def _policy_of(study: Study) -> Policy:
    return default_policy() if study.strategy.plan is None else study.strategy.plan.policy


def _quoted(text: str) -> str:
    """Return a text as Python writes it, over its own lines where nothing in it needs an escape."""
    return repr(text) if '"""' in text or "\\" in text else f'"""{text}"""'
