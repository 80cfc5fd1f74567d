"""What every source of company data is asked, and how it answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from payseg_widgets._cancel import CancelSignal
from payseg_widgets.enrichment.answer import Answer
from payseg_widgets.enrichment.company import Company, CustomerRecord

#: Called with each answer as soon as it is known, from whichever thread knows it.
OnAnswer = Callable[[CustomerRecord, Answer], None]
#: Called with what goes on: a sentence, how many of the customers handed over are answered, how many there are.
Tell = Callable[[str, int, int], None]


class Source(Protocol):
    """A register that customers are looked up in.

    Attributes
    ----------
    name : str
        What answers and fields are marked with, and kept under in a journal.
    label : str
        For people.
    batch : int
        How many customers it is handed at a time; whoever shares the journal can take the others.
    accept_from : float
        The probability from which on it matches a customer by name alone without a review.
    """

    name: str
    label: str
    batch: int
    accept_from: float

    def look_up(
        self,
        customers: Sequence[CustomerRecord],
        on_answer: OnAnswer,
        *,
        tell: Tell,
        cancel: CancelSignal | None,
        pause: CancelSignal | None,
        n_after: int,
    ) -> None:
        """Answer for each customer once, in any order; return early where ``cancel`` is set.

        While ``pause`` is set no further customer is begun. ``n_after`` customers come after these: what is told of the time
        left counts them in.

        Raises
        ------
        SourceError
            If nobody can be asked any more: a refused key, an outage. Customers not answered by then stay due.
        """
        ...

    def company(self, number: str) -> Company | None:
        """Return the company of that number, ``None`` where there is none."""
        ...
