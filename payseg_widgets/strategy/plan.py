"""One action for each customer and each open invoice, with the rule and the figures that chose it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import pandas as pd

from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.ledger.amounts import percent
from payseg_widgets.ledger.findings import counted
from payseg_widgets.ledger.schema import Ledger, minor_digits
from payseg_widgets.prediction.forecast import PaymentForecast
from payseg_widgets.prediction.outlook import Outlook
from payseg_widgets.segmentation.result import Segmentation
from payseg_widgets.strategy.actions import ACTIONS
from payseg_widgets.strategy.cases import FOR_RULES_ALONE, cases_of, signals_of
from payseg_widgets.strategy.decide import decide
from payseg_widgets.strategy.overview import action_table, claims_of, cluster_table
from payseg_widgets.strategy.policy import Policy, default_policy
from payseg_widgets.strategy.self_check import Claims, Finding, check_tables


class Studied(Protocol):
    """What `recommend` takes from a `payseg_widgets.study.Study`."""

    @property
    def ledger(self) -> Ledger: ...  # noqa: D102  as in Study

    @property
    def invoices(self) -> SettledInvoices: ...  # noqa: D102

    @property
    def segmentation(self) -> Segmentation: ...  # noqa: D102

    @property
    def outlook(self) -> Outlook: ...  # noqa: D102


@dataclass(frozen=True, eq=False, repr=False)
class Plan:
    """What a policy says is to be done.

    Attributes
    ----------
    policy : Policy
    customers : pandas.DataFrame
        Index ``customer_id``: ``segment, letter, risk`` (of the segment), ``value`` (the customer's own),
        ``late_probability`` (share of its open balance expected to be late; with nothing open, or no forecast, from its
        history; missing where there is none), ``is_forecast``, ``n_invoices, invoiced_minor, n_open, outstanding_minor``,
        ``expected_loss_minor`` (what of it is expected to be unpaid still ``policy.loss_days`` after its due date;
        missing without a forecast, 0 with nothing open), ``days_overdue`` (mean over what is overdue by
        amount, 0 where nothing is), ``loss_ratio`` (of what is overdue, or of the open balance where nothing is),
        ``balance_rank, action, rule, why``.
    invoices : pandas.DataFrame
        Index ``invoice_id``, each open invoice: ``customer_id, letter, risk, value, p_late, expected_days`` (missing without
        a forecast), ``outstanding_minor, expected_loss_minor, days_overdue, loss_ratio, balance_rank, action, rule, why``.
    clusters : pandas.DataFrame
        Index ``segment``, ``"all"`` last: ``letter, name, n_customers, share``, ``n_invoices, invoice_share, n_open``,
        ``invoiced_minor, invoiced_share, outstanding_minor, outstanding_share, expected_loss_minor``, ``late_probability``
        (mean over the ``n_rated`` customers of whom it is known), ``risk, remark``.
    actions, invoice_actions : pandas.DataFrame
        Index ``action``, the mildest first, ``"all"`` last: ``label``, ``n_customers`` or ``n_invoices``, ``share``, money
        with its shares, ``n_rated, late_probability, expected_loss_minor``, ``minutes`` of a clerk.
    findings : tuple of Finding
        What does not agree in these tables, or with the ledger: empty unless there is a mistake.
    as_of : pandas.Timestamp
    currency : str
    provenance : Mapping
        The ledger's, with ``policy_sha256`` (of its text) and ``forecast`` (its seed, draws and weeks; ``None`` without one).
    """

    policy: Policy
    customers: pd.DataFrame
    invoices: pd.DataFrame
    clusters: pd.DataFrame
    actions: pd.DataFrame
    invoice_actions: pd.DataFrame
    findings: tuple[Finding, ...]
    as_of: pd.Timestamp
    currency: str
    provenance: Mapping[str, Any]

    @property
    def minor_per_unit(self) -> int:
        """Minor units in one unit of the currency."""
        return 10 ** minor_digits(self.currency)

    @property
    def sentence(self) -> str:
        """How many customers need somebody's attention, and what they owe."""
        severe = [
            name
            for name in self.policy.customers.actions
            if ACTIONS[name].severity >= ACTIONS["follow_up"].severity
        ]
        rows = self.actions.loc[severe]
        owed = int(self.customers["outstanding_minor"].sum())
        share = int(rows["outstanding_minor"].sum()) / owed if owed else 0.0
        n = int(rows["n_customers"].sum())
        return (
            f"{n:,} of {counted(len(self.customers), 'customer')} {'is' if n == 1 else 'are'} to be followed up or restricted; "
            f"{'it owes' if n == 1 else 'they owe'} {percent(share)} of the open balance of {self.as_of:%Y-%m-%d}."
        )

    def __repr__(self) -> str:
        return (
            f"Plan({counted(len(self.customers), 'customer')}, {counted(len(self.invoices), 'open invoice')}, "
            f"findings={len(self.findings)}, as_of={self.as_of:%Y-%m-%d})"
        )


def recommend(study: Studied, policy: Policy | None = None) -> Plan:
    """Choose an action for each customer and each open invoice of a study.

    Parameters
    ----------
    study : Study
        Its ledger, segmentation and forecast are read; without a forecast the customers' history stands in.
    policy : Policy, optional
        The default one of the package when not given.

    Returns
    -------
    Plan

    Raises
    ------
    StrategyError
        If the forecast is not of the ledger's day and its open invoices.
    UnknownNameError
        If the policy names a segment that does not exist.
    """
    forecast = study.outlook.forecast
    return make_plan(study.ledger, study.segmentation, forecast, policy=policy, invoices=study.invoices)


def make_plan(
    ledger: Ledger,
    segmentation: Segmentation,
    forecast: PaymentForecast | None = None,
    *,
    policy: Policy | None = None,
    invoices: SettledInvoices | None = None,
) -> Plan:
    """Choose actions from parts: see `recommend`.

    Parameters
    ----------
    ledger : Ledger
    segmentation : Segmentation
    forecast : PaymentForecast, optional
        Of the same ledger on the same day.
    policy : Policy, optional
    invoices : SettledInvoices, optional
        Those of the ledger, where they are there already.

    Returns
    -------
    Plan
    """
    policy = policy or default_policy()
    settled = SettledInvoices.from_ledger(ledger) if invoices is None else invoices
    cases = cases_of(ledger, settled, segmentation, forecast, policy)
    digits = minor_digits(ledger.currency)
    customers, open_invoices = (
        table.drop(columns=list(FOR_RULES_ALONE)).join(
            decide(signals_of(table), policy.rules_of(scope), _printed(table["outstanding_minor"], digits))
        )
        for scope, table in (("customers", cases.customers), ("invoices", cases.invoices))
    )
    tables = {
        "clusters": cluster_table(customers, segmentation),
        "actions": action_table(customers, policy.customers),
        "invoice_actions": action_table(open_invoices, policy.invoices),
    }
    open_invoices = open_invoices.rename(columns={"late_probability": "p_late"})
    return Plan(
        policy, customers, open_invoices, **tables, findings=_findings(customers, open_invoices, tables, settled),
        as_of=ledger.as_of, currency=ledger.currency, provenance=_provenance(ledger, policy, forecast),
    )  # fmt: skip


def _provenance(ledger: Ledger, policy: Policy, forecast: PaymentForecast | None) -> dict[str, Any]:
    options = ("seed", "n_draws", "n_weeks")
    return {
        **ledger.provenance,
        "policy_sha256": hashlib.sha256(policy.to_yaml().encode()).hexdigest(),
        "forecast": None if forecast is None else {name: forecast.provenance[name] for name in options},
    }


def _printed(minor: pd.Series, digits: int) -> list[str]:
    """Return money in whole units of the currency."""
    return [f"{value:,.0f}" for value in minor.to_numpy() / 10**digits]


def _findings(
    customers: pd.DataFrame,
    invoices: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    settled: SettledInvoices,
) -> tuple[Finding, ...]:
    """Check the tables; the ledger's balance is what was invoiced less what was paid, credited and forgone."""
    owed = settled.amount.sum() - settled.paid.sum() - settled.credited.sum() - settled.forgone.sum()
    ledger = {"outstanding_minor": int(owed), "invoiced_minor": int(settled.amount[~settled.is_void].sum())}
    counts = {"n_invoices": int((~settled.is_void).sum()), "n_open": int((settled.outstanding > 0).sum())}
    mine = {"probabilities": ("late_probability", "loss_ratio", "balance_rank"), "ledger": ledger | counts}
    theirs = {
        "probabilities": ("p_late", "loss_ratio", "balance_rank"),
        "ledger": {"outstanding_minor": int(owed)},
    }
    return check_tables(
        Claims(name="customers", table=customers, **mine),  # type: ignore[arg-type]
        Claims(name="invoices", table=invoices, **theirs),  # type: ignore[arg-type]
        claims_of("clusters", tables["clusters"], ledger | counts),
        claims_of("actions", tables["actions"], ledger),
        claims_of("invoice_actions", tables["invoice_actions"], {"outstanding_minor": int(owed)}),
    )
