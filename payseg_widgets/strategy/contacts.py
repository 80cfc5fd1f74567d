"""Who on a worklist was contacted, and what was paid since."""

from __future__ import annotations

import pandas as pd

from payseg_widgets.errors import ForecastError
from payseg_widgets.features.as_known import settled_by
from payseg_widgets.features.invoices import SettledInvoices
from payseg_widgets.ledger.schema import Ledger
from payseg_widgets.strategy.worklist import Worklist


def record_contacts(listed: Worklist, contacts: pd.DataFrame, later: Ledger) -> pd.DataFrame:
    """Put beside the list who was contacted, and what was paid since.

    It is a record, not a measure of what contacts do: those are contacted who are expected to pay late. See `analyse_holdout`.

    Parameters
    ----------
    listed : Worklist
    contacts : pandas.DataFrame
        ``customer_id``, ``contacted_on``, and where it is kept ``result`` (text, such as "promised for Friday"): what
        `read_contacts` reads from a filled-in worklist. Rows without ``contacted_on`` are of nobody who was contacted.
    later : Ledger
        Of a later day.

    Returns
    -------
    pandas.DataFrame
        Index ``rank``: ``customer_id``, ``balance_minor`` (on the day of the list), ``n_contacts``, ``contacted_on`` (first),
        ``result`` (of the last), ``paid_minor`` (on the listed invoices, since the list) and ``paid_after_contact_minor``
        (after the day of the first contact), ``open_minor`` (what is still open of them). Money is missing where the later
        ledger lacks one of the customer's invoices, ``paid_after_contact_minor`` also without a contact.

    Raises
    ------
    ForecastError
        If columns are missing, days are out of order, or contacts are of customers that are not on the list.
    """
    known = _contacts(listed, contacts, later)
    grouped = known.groupby("customer_id")
    table = listed.calls[["customer_id", "balance_minor"]].copy()
    told = pd.DataFrame({"n_contacts": grouped.size(), "contacted_on": grouped["contacted_on"].min()})
    told["result"] = grouped["result"].last() if "result" in known else pd.Series(dtype="str")
    told = told.reindex(table["customer_id"]).set_axis(table.index)
    table = table.join(told.assign(n_contacts=told["n_contacts"].fillna(0).astype(int)))
    return table.join(_paid_since(listed, table, later))


def _contacts(listed: Worklist, contacts: pd.DataFrame, later: Ledger) -> pd.DataFrame:
    for name in ("customer_id", "contacted_on"):
        if name not in contacts:
            raise ForecastError(
                f"contacts have no column {name!r}; there are: {', '.join(map(str, contacts.columns))}."
            )
    told = contacts["contacted_on"]
    told = told.mask(told.astype("str").str.strip() == "")
    known = contacts.assign(customer_id=contacts["customer_id"].astype(str), contacted_on=_days(told))
    known = known[told.notna()].sort_values("contacted_on", kind="stable")
    n_strange = int((~known["customer_id"].isin(listed.calls["customer_id"])).sum())
    if n_strange:
        raise ForecastError(
            f"{n_strange} contacts are of customers that are not on the list. Give those of the list alone."
        )
    if (
        later.as_of < listed.as_of
        or (known["contacted_on"] > later.as_of).any()
        or (known["contacted_on"] < listed.as_of).any()
    ):
        raise ForecastError(
            f"the list is of {listed.as_of:%Y-%m-%d} and the later ledger of {later.as_of:%Y-%m-%d}: give a later ledger, and "
            "contacts between the two days."
        )
    return known


def _days(told: pd.Series) -> pd.Series:
    try:
        return pd.to_datetime(told, format="ISO8601")
    except (ValueError, TypeError) as error:
        raise ForecastError(
            f"contacted_on holds what is no date ({error}). Write days such as 2024-10-02."
        ) from error


def _paid_since(listed: Worklist, table: pd.DataFrame, later: Ledger) -> pd.DataFrame:
    """Return what was paid of the listed invoices of each customer, and what is open."""
    invoices = SettledInvoices.from_ledger(later)
    row = pd.Index(later.invoices["invoice_id"].astype(str)).get_indexer(listed.invoices.index.astype(str))
    at = pd.DataFrame({"customer_id": listed.invoices["customer_id"].to_numpy(), "is_there": row >= 0})
    before = settled_by(invoices, _number(listed.as_of)).paid_minor[row]
    contacted = (
        table.set_index("customer_id")["contacted_on"].reindex(at["customer_id"]).reset_index(drop=True)
    )
    at["paid_minor"], at["open_minor"] = invoices.paid[row] - before, invoices.outstanding[row]
    at["paid_after_contact_minor"] = pd.array([pd.NA] * len(at), dtype="Int64")
    for day in contacted.dropna().unique():
        on = (contacted == day).to_numpy()
        known = settled_by(invoices, _number(pd.Timestamp(day))).paid_minor[row]
        at.loc[on, "paid_after_contact_minor"] = (invoices.paid[row] - known)[on]
    money = ["paid_minor", "paid_after_contact_minor", "open_minor"]
    at[money] = at[money].astype("Int64")
    grouped = at.groupby("customer_id")
    sums = grouped[money].sum(min_count=1).where(grouped["is_there"].all())
    return sums.reindex(table["customer_id"]).set_axis(table.index)


def _number(day: pd.Timestamp) -> int:
    return int((day - pd.Timestamp(0)).days)
