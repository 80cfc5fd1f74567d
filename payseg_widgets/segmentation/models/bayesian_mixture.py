"""Bayesian mixture: clouds of customers, of which those that are not needed fade away."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import BayesianGaussianMixture

from payseg_widgets.errors import SegmentationError
from payseg_widgets.segmentation.model import MODELS, ClusteringModel, Setting
from payseg_widgets.segmentation.models.gaussian_mixture import (
    FLOOR,
    SHAPES,
    MixtureModel,
    without_empty,
)

#: Clouds to begin with where the number is open.
_MOST = 10
#: A cloud that holds a smaller share of the customers than this fades away.
_LEAST_SHARE = 0.01


@dataclass(frozen=True)
class BayesianMixtureModel(ClusteringModel):
    """Variational mixture of Gaussians with a Dirichlet-process prior; it finds the number of segments itself.

    Attributes
    ----------
    shape : {"diag", "full"}
        Whether the clouds may be tilted.
    concentration : float
        The smaller, the fewer clouds are kept.

    References
    ----------
    D. M. Blei, M. I. Jordan (2006). Variational inference for Dirichlet process mixtures.
    """

    shape: str = "full"
    concentration: float = 1e-3

    def settings(self, ks: Sequence[int]) -> list[Setting]:
        """Return one setting per shape: the numbers of segments follow from the data."""
        return [(replace(self, shape=shape), None) for shape in ("diag", "full")]

    def _fit(self, ordered: np.ndarray, n_segments: int | None, seed: int) -> MixtureModel:
        most = n_segments or min(_MOST, len(ordered))
        estimator = BayesianGaussianMixture(
            n_components=most, covariance_type=self.shape, weight_concentration_prior=self.concentration, n_init=self.restarts,
            reg_covar=FLOOR, max_iter=200, tol=1e-2, random_state=seed,
        )  # fmt: skip
        with warnings.catch_warnings():  # said in the notes instead, from converged_
            warnings.simplefilter("ignore", ConvergenceWarning)
            try:
                estimator.fit(ordered)
            except ValueError as error:  # no spread that can be inverted, as of two customers
                raise SegmentationError(
                    f"the Bayesian mixture cannot be fitted to {len(ordered)} customers: they spread in too few directions. Take "
                    "another model, fewer features, or a ledger of more customers."
                ) from error
        notes = [f"Bayesian mixture: {SHAPES[self.shape]}, {most} to begin with."]
        if not estimator.converged_:
            notes.append(f"The mixture had not settled after {estimator.n_iter_} iterations.")
        fitted = without_empty(
            ordered, estimator, self.shape, float("nan"), tuple(notes), least=_LEAST_SHARE * len(ordered)
        )
        if n_segments is not None and fitted.n_segments < n_segments:
            raise SegmentationError(
                f"the Bayesian mixture needs only {fitted.n_segments} of the {n_segments} segments asked for. "
                "Leave n_segments out, or take another model such as 'gaussian_mixture'."
            )
        return fitted


MODELS.add(
    "bayesian_mixture",
    BayesianMixtureModel(
        name="bayesian_mixture", label="Bayesian mixture", max_fit=20_000, size_criterion="", restarts=1,
        idea="a cloud of customers with its own size, spread and tilt that earns its keep",
        weakness="It spends clouds on every bend of a skewed crowd, the more the more customers there are.",
    ),
)  # fmt: skip
