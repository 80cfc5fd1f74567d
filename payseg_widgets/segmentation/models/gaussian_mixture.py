"""Gaussian mixture: a segment is a cloud with its own size, spread and tilt."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import logsumexp
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture

from payseg_widgets.segmentation.model import MODELS, ClusteringModel, FittedModel

#: From the fewest parameters to the most. In words for the notes.
SHAPES = {
    "spherical": "round segments of different spread",
    "diag": "segments with their own spread in each feature",
    "tied": "segments of one common shape",
    "full": "segments with their own spread and tilt",
}
#: Added to every variance (the prepared columns have variance near 1): no segment may shrink to a point.
FLOOR = 1e-2


@dataclass(frozen=True, kw_only=True, repr=False)
class MixtureModel(FittedModel):
    """Weights, means and covariances of the segments.

    Attributes
    ----------
    weights : numpy.ndarray, shape (n_segments,)
    means : numpy.ndarray, shape (n_segments, n_columns)
    covariances : numpy.ndarray, shape (n_segments, n_columns, n_columns)
    shape : str
        The covariance shape with the lowest BIC.
    """

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray
    shape: str

    @property
    def middles(self) -> np.ndarray:
        """The means."""
        return self.means

    def assign(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the most probable segment and its posterior probability."""
        return _most_probable(rows, self.weights, self.means, self.covariances)


@dataclass(frozen=True)
class MixtureSpec(ClusteringModel):
    """Mixture of Gaussians by expectation-maximisation; the covariance shape by BIC.

    Attributes
    ----------
    shapes : tuple of str
        Covariance shapes to try.

    References
    ----------
    C. Fraley, A. E. Raftery (2002). Model-based clustering, discriminant analysis, and density estimation.
    """

    shapes: tuple[str, ...] = tuple(SHAPES)

    def quick(self) -> MixtureSpec:
        """Return the model with one start and the two shapes that usually win."""
        return replace(self, restarts=1, shapes=("diag", "full"))

    def pinned(self, fitted: FittedModel) -> MixtureSpec:
        """Return the model with the covariance shape of that fit."""
        return replace(self, shapes=(fitted.shape,)) if isinstance(fitted, MixtureModel) else self

    def _fit(self, ordered: np.ndarray, n_segments: int | None, seed: int) -> MixtureModel:
        fits = [self._fit_shape(ordered, n_segments or 2, shape, seed) for shape in self.shapes]
        bics = [fit.bic(ordered) for fit in fits]
        best = int(np.argmin(bics))
        fit, shape = fits[best], self.shapes[best]
        notes = [f"Gaussian mixture: {SHAPES[shape]} ({shape} covariance) had the lowest BIC."]
        if not fit.converged_:
            notes.append(
                f"The mixture had not settled after {fit.n_iter_} iterations; its segments are uncertain."
            )
        return without_empty(ordered, fit, shape, float(bics[best]), tuple(notes))

    def _fit_shape(self, ordered: np.ndarray, k: int, shape: str, seed: int) -> GaussianMixture:
        estimator = GaussianMixture(
            k, covariance_type=shape, n_init=self.restarts, reg_covar=FLOOR, max_iter=300, random_state=seed
        )
        with warnings.catch_warnings():  # said in the notes instead, from converged_
            warnings.simplefilter("ignore", ConvergenceWarning)
            return estimator.fit(ordered)


def without_empty(
    rows: np.ndarray,
    fit: GaussianMixture | BayesianGaussianMixture,
    shape: str,
    bic: float,
    notes: tuple[str, ...],
    *,
    least: float = 1,
) -> MixtureModel:
    """Return the mixture without components that are the most probable one of fewer than ``least`` customers.

    So labels stay contiguous.
    """
    weights, means, covariances = fit.weights_, fit.means_, _full(fit, shape, rows.shape[1])
    kept = np.arange(len(weights))
    labels, probabilities = _most_probable(rows, weights, means, covariances)
    while (sizes := np.bincount(labels, minlength=len(kept))).min() < least:
        kept = kept[sizes > 0] if sizes.min() < 1 else np.delete(kept, sizes.argmin())
        share = weights[kept] / weights[kept].sum()
        labels, probabilities = _most_probable(rows, share, means[kept], covariances[kept])
    if len(kept) < len(weights):
        notes = (*notes, f"{len(weights) - len(kept)} components held too few customers and were dropped.")
    return MixtureModel(
        labels=labels, probabilities=probabilities, bic=bic, notes=notes, shape=shape,
        weights=weights[kept] / weights[kept].sum(), means=means[kept], covariances=covariances[kept],
    )  # fmt: skip


def _full(fit: GaussianMixture | BayesianGaussianMixture, shape: str, n_columns: int) -> np.ndarray:
    covariances, eye = fit.covariances_, np.eye(n_columns)
    if shape == "spherical":
        return covariances[:, None, None] * eye
    if shape == "diag":
        return covariances[:, :, None] * eye
    if shape == "tied":
        return np.repeat(covariances[None], len(fit.weights_), axis=0)
    return covariances


def _most_probable(
    rows: np.ndarray, weights: np.ndarray, means: np.ndarray, covariances: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    log_density = np.empty((len(rows), len(weights)))
    for j, (weight, mean, covariance) in enumerate(zip(weights, means, covariances, strict=True)):
        root = np.linalg.cholesky(covariance)
        standard = np.linalg.solve(root, (rows - mean).T)
        log_density[:, j] = np.log(weight) - np.log(np.diag(root)).sum() - 0.5 * (standard**2).sum(axis=0)
    labels = log_density.argmax(axis=1)
    best = log_density[np.arange(len(rows)), labels]
    return labels, np.minimum(np.exp(best - logsumexp(log_density, axis=1)), 1.0)


MODELS.add(
    "gaussian_mixture",
    MixtureSpec(
        name="gaussian_mixture", label="Gaussian mixture", max_fit=20_000, size_criterion="bic", restarts=3,
        idea="a cloud of customers with its own size, spread and tilt",
        weakness="It spends several clouds on one crowd that is skewed, since a single cloud does not fit it.",
    ),
)  # fmt: skip
