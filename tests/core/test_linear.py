import numpy as np
import pytest
from landsketch.core.features import thinned
from landsketch.core.labels import Labels
from landsketch.core.legend import ClassLegend
from landsketch.core.linear import class_weights, fit_linear, pixel_weights
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler


@pytest.mark.parametrize("classes", [2, 4])
def test_the_folded_head_predicts_what_scikit_learn_predicts(classes):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, classes, 300)
    features = (rng.normal(size=(300, 6)) * [1, 10, 100, 1, 1e3, 1] + labels[:, None] * 3 + 50).astype(np.float32)
    model = fit_linear(features, labels, np.ones(300), classes)
    scaler = StandardScaler().fit(features)
    expected = LogisticRegression(C=0.1, max_iter=500).fit(scaler.transform(features), labels)
    logits = model.logits(features)
    probabilities = np.exp(logits - logits.max(1, keepdims=True))
    probabilities /= probabilities.sum(1, keepdims=True)
    assert np.allclose(probabilities, expected.predict_proba(scaler.transform(features)), atol=2e-3)


def test_constant_features_and_absent_classes_do_no_harm():
    features = np.array([[1, 5], [2, 5], [3, 5], [4, 5]], np.float32)
    model = fit_linear(features, np.array([0, 0, 2, 2]), np.ones(4), 3)
    assert np.isfinite(model.weight).all()
    assert set(model.logits(features).argmax(1)) == {0, 2}


def test_a_large_polygon_counts_as_ten_pixels():
    features = np.r_[np.zeros(1000, int), np.arange(1, 11)]
    classes = (features > 0).astype(int)
    weights = pixel_weights(classes, features)
    assert weights[:1000].sum() == pytest.approx(10)
    assert weights[1000:].sum() == pytest.approx(10)


def test_rare_classes_weigh_more_but_not_without_bound():
    assert class_weights(np.array([100.0, 25, 0, 0.001])).tolist() == [1, 2, 0, 10]


def test_thinning_keeps_every_feature_and_bounds_its_pixels():
    features = np.r_[np.repeat(0, 5000), np.repeat(1, 3), np.repeat(2, 200)]
    labels = Labels(
        ClassLegend.from_names(["a", "b"]), np.array([0, 1, 1]), np.zeros((3, 2)),
        np.arange(features.size), np.arange(features.size), features,
    )  # fmt: skip
    thin = thinned(labels, seed=0)
    assert np.bincount(thin.features).tolist() == [100, 3, 100]
    assert set(thin.rows) <= set(labels.rows)
    assert np.array_equal(thin.features, features[thin.rows])
