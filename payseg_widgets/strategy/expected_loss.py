"""What is expected to be lost of open invoices: one definition for plans, key figures and worklists."""

from __future__ import annotations

import numpy as np

from payseg_widgets.prediction.dates import Unpaid

#: An amount expected to be unpaid still so many days after its due date is expected to be lost.
LOSS_DAYS = 180


def loss_chances(unpaid: Unpaid, loss_days: int) -> np.ndarray:
    """Return the chance of each invoice of being unpaid still so many days after its due date.

    Parameters
    ----------
    unpaid : Unpaid
    loss_days : int

    Returns
    -------
    numpy.ndarray, shape (n_invoices,)
        1 for what is unpaid longer than that already.
    """
    return unpaid.after(np.maximum(float(loss_days), unpaid.open_days))


def expected_losses(outstanding: np.ndarray, chances: np.ndarray) -> np.ndarray:
    """Return what is expected to be lost of each invoice, whole minor units (``int64``)."""
    return np.rint(outstanding * chances).astype(np.int64)
