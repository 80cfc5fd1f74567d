"""What can be done with a customer or an open invoice, from the mildest action to the most severe."""

from __future__ import annotations

from dataclasses import dataclass

from payseg_widgets._registry import did_you_mean
from payseg_widgets.errors import UnknownNameError

#: What a policy decides on.
SCOPES = ("customers", "invoices")


@dataclass(frozen=True)
class Action:
    """One thing to do.

    Attributes
    ----------
    name, label : str
        As in a policy; as an analyst calls it.
    severity : int
        0 for the mildest; no two actions have the same.
    scopes : tuple of str
        What it is for: ``customers``, ``invoices`` or both.
    """

    name: str
    label: str
    severity: int
    scopes: tuple[str, ...] = SCOPES


ACTIONS: dict[str, Action] = {
    action.name: action
    for action in (
        Action("better_terms", "Loyalty, better terms", 0, ("customers",)),
        Action("keep_as_is", "Keep as is", 1),
        Action("reminder_before_due", "Reminder before due", 2),
        Action("automated_reminders", "Automated reminders", 3),
        Action("follow_up", "AR follow-up", 4),
        Action("tighter_follow_up", "Tighter follow-up", 5),
        Action("restrict_exposure", "Restrict exposure", 6, ("customers",)),
        Action("prepayment", "Prepayment", 7, ("customers",)),
    )
}


def action_for(scope: str, name: object) -> Action:
    """Return an action by name.

    Raises
    ------
    UnknownNameError
        If there is none of that name for ``scope``.

    Examples
    --------
    >>> action_for("invoices", "follow_up").label
    'AR follow-up'
    """
    known = [action.name for action in ACTIONS.values() if scope in action.scopes]
    if name not in known:
        raise UnknownNameError(f"no action for {scope} is called {name!r}. {did_you_mean(str(name), known)}")
    return ACTIONS[str(name)]
