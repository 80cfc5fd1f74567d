from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from payseg_widgets.errors import SegmentationError
from payseg_widgets.segmentation.model import MODELS


def three_clouds() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    truth = np.repeat([0, 1, 2], [150, 100, 50])
    centres = np.array([[0.0, 0], [9, 0], [0, 9]])
    return centres[truth] + rng.normal(size=(300, 2)), truth


def test_the_number_of_clouds_is_found_without_asking():
    rows, truth = three_clouds()
    fitted = MODELS["bayesian_mixture"].fit(rows, None)
    assert fitted.n_segments == 3
    assert adjusted_rand_score(truth, fitted.labels) > 0.98
    np.testing.assert_allclose(np.sort(fitted.weights), [1 / 6, 1 / 3, 1 / 2], atol=0.01)


def test_more_segments_than_it_needs_are_refused_with_the_next_step():
    rows, _ = three_clouds()
    with pytest.raises(SegmentationError, match="needs only 3 of the 6 segments asked for"):
        MODELS["bayesian_mixture"].fit(rows, 6)
