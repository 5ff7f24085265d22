"""Accuracy from a confusion matrix, against known values and scikit-learn."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from landsketch.core.metrics import accuracy, adjusted_rand_index, confusion, normalised_mutual_information
from sklearn import metrics as sk


def matrix_of(rows: list[list[int]]) -> np.ndarray:
    return np.array(rows, np.int64)


def random_maps(classes: int = 5, count: int = 4000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Reference and map that agree on about two thirds of the pixels, with unequal classes."""
    rng = np.random.default_rng(seed)
    reference = rng.choice(classes, count, p=np.arange(1, classes + 1) / sum(range(1, classes + 1)))
    mapped = np.where(rng.random(count) < 0.6, reference, rng.integers(0, classes, count))
    return reference, mapped


def test_known_values_of_a_two_class_matrix() -> None:
    """METHODS A.0.5."""
    result = accuracy(matrix_of([[5, 1], [2, 4]]), ["a", "b"])
    known = {
        "oa": 0.75, "aa": 0.75, "ap": 0.7571429, "kappa": 0.5,
    }  # fmt: skip
    assert {name: getattr(result, name) for name in known} == pytest.approx(known, abs=1e-5)
    assert result.macro.f1 == pytest.approx(0.7482517, abs=1e-5)
    assert result.macro.iou == pytest.approx(0.5982143, abs=1e-5)


def test_known_values_of_clusters_that_are_not_as_many_as_classes() -> None:
    """METHODS A.0.5: y = [0,0,0,1,1,1], c = [0,0,1,1,2,2]."""
    contingency = matrix_of([[2, 1, 0], [0, 1, 2]])
    assert adjusted_rand_index(contingency) == pytest.approx(0.2424242, abs=1e-5)
    assert normalised_mutual_information(contingency) == pytest.approx(0.5158037, abs=1e-5)


def test_all_measures_equal_scikit_learn() -> None:
    reference, mapped = random_maps()
    result = accuracy(confusion(reference, mapped, 5), "abcde")
    for average in ("macro", "weighted"):
        precision, recall, f1, _ = sk.precision_recall_fscore_support(reference, mapped, average=average)
        ours = getattr(result, average)
        assert (ours.precision, ours.recall, ours.f1) == pytest.approx((precision, recall, f1))
        assert ours.iou == pytest.approx(sk.jaccard_score(reference, mapped, average=average))
    np.testing.assert_array_equal(result.matrix, sk.confusion_matrix(reference, mapped))
    assert result.oa == pytest.approx(sk.accuracy_score(reference, mapped))
    assert result.aa == pytest.approx(sk.balanced_accuracy_score(reference, mapped))
    assert result.kappa == pytest.approx(sk.cohen_kappa_score(reference, mapped))
    assert result.nmi == pytest.approx(sk.normalized_mutual_info_score(reference, mapped))
    assert result.ari == pytest.approx(sk.adjusted_rand_score(reference, mapped))
    assert [c.iou for c in result.classes] == pytest.approx(sk.jaccard_score(reference, mapped, average=None).tolist())


def test_rows_are_the_reference_and_columns_the_map() -> None:
    result = accuracy(confusion(np.array([0, 0, 0, 1]), np.array([0, 1, 1, 1]), 2), ["a", "b"])
    assert result.matrix == ((1, 2), (0, 1))
    a = result.classes[0]
    assert (a.support, a.mapped, a.recall, a.precision) == (3, 1, pytest.approx(1 / 3), 1.0)


def test_class_absent_from_both_changes_no_average() -> None:
    reference, mapped = random_maps()
    with_absent = accuracy(confusion(reference, mapped, 7), "abcdefg")
    without = accuracy(confusion(reference, mapped, 5), "abcde")
    assert with_absent.macro == without.macro
    assert with_absent.weighted == without.weighted
    assert (with_absent.kappa, with_absent.nmi, with_absent.ari) == pytest.approx(
        (without.kappa, without.nmi, without.ari)
    )
    assert math.isnan(with_absent.classes[6].f1)


def test_dropping_a_class_from_the_map_is_not_rewarded() -> None:
    """Recall and precision of the dropped class count as 0, as in scikit-learn."""
    result = accuracy(matrix_of([[8, 0], [2, 0]]), ["a", "b"])
    assert result.ap == pytest.approx(0.4)
    assert result.aa == pytest.approx(0.5)
    assert math.isnan(result.classes[1].precision)


def test_class_only_in_the_map_counts_in_f1_and_iou_but_has_no_recall() -> None:
    result = accuracy(matrix_of([[8, 2], [0, 0]]), ["a", "b"])
    assert result.aa == pytest.approx(0.8)
    assert result.macro.iou == pytest.approx(0.4)
    assert math.isnan(result.classes[1].recall)


def test_json_has_null_where_nothing_is_defined() -> None:
    values = accuracy(matrix_of([[8, 2, 0], [0, 0, 0], [0, 0, 0]]), ["a", "b", "c"]).to_json()
    assert json.loads(json.dumps(values, allow_nan=False)) == values
    assert values["classes"][2] == {
        "name": "c", "support": 0, "mapped": 0, "precision": None, "recall": None, "f1": None, "iou": None,
    }  # fmt: skip
    assert values["matrix"] == [[8, 2, 0], [0, 0, 0], [0, 0, 0]]


def test_one_class_only_agrees_fully_but_has_no_kappa() -> None:
    result = accuracy(matrix_of([[9]]), ["a"])
    assert (result.oa, result.nmi, result.ari) == (1, 1, 1)
    assert math.isnan(result.kappa)


def test_numbers_of_a_continent_do_not_overflow() -> None:
    """A hundred billion pixels have 5e21 pairs, more than int64 holds."""
    small, large = matrix_of([[50, 10], [20, 40]]), matrix_of([[50, 10], [20, 40]]) * 10**9
    assert accuracy(large, "ab").ari == pytest.approx(accuracy(small, "ab").ari, abs=0.01)
    assert accuracy(large, "ab").kappa == pytest.approx(accuracy(small, "ab").kappa)


@pytest.mark.parametrize(("matrix", "message"), [([[1, 2]], "shape"), ([[0, 0], [0, 0]], "no pixel")])
def test_what_is_no_confusion_matrix_is_refused(matrix: list[list[int]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        accuracy(matrix_of(matrix), "ab")
