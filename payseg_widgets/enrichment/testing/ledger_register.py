"""A simulated register that holds the customers of a simulated ledger, among many other companies."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from payseg_widgets.enrichment.facts.sic_codes import SECTIONS
from payseg_widgets.enrichment.testing.simulated_register import simulate_register
from payseg_widgets.ledger.simulate import Truth

#: A code of SIC 2007 for each section that the simulator's customers work in.
_CODES = {
    "A": "01110", "B": "08110", "C": "25620", "D": "35110", "E": "38110", "F": "43210", "G": "46900", "H": "49410",
    "I": "56101", "J": "62020", "K": "64999", "L": "68209", "M": "70221", "N": "81210", "O": "84110", "P": "85590",
    "Q": "86900", "R": "93110", "S": "96020",
}  # fmt: skip
_AGENTS = ("EC1V 2NX", "WC2H 9JQ", "W1W 7LT")
_BEFORE, _DAYS_A_YEAR = date(2019, 1, 1), 365


def register_of(
    truth: Truth, *, n_others: int = 5_000, share_at_agents: float = 0.2, seed: int = 0
) -> pd.DataFrame:
    """Invent a register in which every customer of a simulated ledger is found.

    Parameters
    ----------
    truth : Truth
        Of `simulate_ledger`: names, numbers, postcodes and sectors as they truly are.
    n_others : int
        Companies besides.
    share_at_agents : float
        Share of the customers whose registered office is an agent's in London, wherever they trade.
    seed : int

    Returns
    -------
    pandas.DataFrame
        See `simulate_register`; the ledger's customers first, in the order of ``truth.customers``.

    Examples
    --------
    >>> from payseg_widgets import simulate_ledger
    >>> len(register_of(simulate_ledger(20, seed=1).truth, n_others=30))
    50
    """
    rng = np.random.default_rng(seed)
    customers, n = truth.customers, len(truth.customers)
    others = simulate_register(n_others + 50, seed=seed + 1)
    others = others[~others["number"].isin(customers["company_number"])].head(n_others)
    section_of = {title: section for section, title in SECTIONS.items()}
    agents = np.array(_AGENTS)[rng.integers(0, len(_AGENTS), n)]
    is_elsewhere = rng.random(n) < share_at_agents
    ages = rng.integers(1, 40 * _DAYS_A_YEAR, n)
    mine = pd.DataFrame(
        {
            "number": customers["company_number"],
            "name": customers["company_name"].str.upper(),
            "status": "active",
            "company_type": "ltd",
            "incorporated_on": [_BEFORE - timedelta(days=int(days)) for days in ages],
            "dissolved_on": None,
            "address": "",
            "postcode": np.where(is_elsewhere, agents, customers["postcode"]),
            "country": "United Kingdom",
            "sic_codes": [[_CODES[section_of[sector]]] for sector in customers["sector"]],
            "previous_names": [[] for _ in range(n)],
        }
    )
    return pd.concat([mine, others], ignore_index=True)
