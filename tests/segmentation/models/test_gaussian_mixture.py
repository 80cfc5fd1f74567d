from __future__ import annotations

import numpy as np
from sklearn.mixture import GaussianMixture

from payseg_widgets.segmentation.model import MODELS


def test_the_posterior_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    rows = np.concatenate([rng.normal(size=(80, 2)) * [1, 3], rng.normal([4, 1], size=(60, 2))])
    fitted = MODELS["gaussian_mixture"].fit(rows, 2)
    oracle = GaussianMixture(2, covariance_type="full")
    oracle.weights_, oracle.means_ = fitted.weights, fitted.means
    oracle.precisions_cholesky_ = np.linalg.cholesky(np.linalg.inv(fitted.covariances))
    np.testing.assert_allclose(fitted.probabilities, oracle.predict_proba(rows).max(axis=1), atol=1e-9)
    np.testing.assert_array_equal(fitted.labels, oracle.predict(rows))


def test_elongated_clouds_choose_a_shape_that_can_hold_them():
    rng = np.random.default_rng(1)
    rows = np.concatenate(
        [rng.normal(size=(200, 2)) * [0.2, 3], rng.normal(size=(200, 2)) * [0.2, 3] + [4, 0]]
    )
    assert MODELS["gaussian_mixture"].fit(rows, 2).shape in ("diag", "tied", "full")
