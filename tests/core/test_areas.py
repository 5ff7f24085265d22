"""Area-adjusted estimates, against the published example and against repeated sampling."""

from __future__ import annotations

import json

import numpy as np
import pytest
from landsketch.core.areas import estimate_areas

NAMES = ("deforestation", "forest gain", "stable forest", "stable non-forest")
OLOFSSON = np.array([[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]], np.int64)
"""Olofsson et al. (2014), table 8: rows map, columns reference."""

HECTARES = np.array([200_000, 150_000, 3_200_000, 6_450_000]) * 0.09
"""Mapped Landsat pixels of the example, of 0.09 ha each."""


def test_published_example_of_olofsson_2014() -> None:
    """Accuracies as printed (two digits), areas with their intervals in hectares.

    The margins of the producers' accuracies are tested by sampling below instead.
    """
    estimate = estimate_areas(OLOFSSON.T, HECTARES, NAMES)
    assert (estimate.overall.value, estimate.overall.margin) == pytest.approx((0.95, 0.02), abs=0.005)
    users = [(c.users.value, c.users.margin) for c in estimate.classes]
    assert np.array(users) == pytest.approx(
        np.array([(0.88, 0.07), (0.73, 0.10), (0.93, 0.04), (0.96, 0.02)]), abs=0.0051
    )
    assert [c.producers.value for c in estimate.classes] == pytest.approx([0.75, 0.85, 0.93, 0.96], abs=0.0051)
    areas = [(c.area.value, c.area.margin) for c in estimate.classes]
    published = [(21_158, 6_158), (11_686, 3_756), (285_770, 15_510), (581_386, 16_282)]
    assert np.array(areas) == pytest.approx(np.array(published), rel=0.001)


def test_areas_sum_to_the_map() -> None:
    estimate = estimate_areas(OLOFSSON.T, HECTARES, NAMES)
    assert sum(c.area.value for c in estimate.classes) == pytest.approx(HECTARES.sum())
    assert estimate.assessed_share == 1


def test_intervals_hold_the_truth_in_95_of_100_samples() -> None:
    """Draws 4000 stratified samples from a known map and truth."""
    rng = np.random.default_rng(0)
    truth_in_map = np.array([[0.85, 0.10, 0.05], [0.06, 0.90, 0.04], [0.02, 0.08, 0.90]])
    areas = np.array([10.0, 30.0, 60.0])
    drawn = (600, 600, 1000)
    true_areas = areas @ truth_in_map
    true_overall = float(areas @ np.diag(truth_in_map)) / 100
    true_producers = areas * np.diag(truth_in_map) / true_areas
    held = np.zeros(7)
    for _ in range(4000):
        sample = np.stack([rng.multinomial(n, p) for n, p in zip(drawn, truth_in_map, strict=True)])
        estimate = estimate_areas(sample.T, areas, "abc")
        intervals = [estimate.overall, *(c.area for c in estimate.classes), *(c.producers for c in estimate.classes)]
        truths = [true_overall, *true_areas, *true_producers]
        held += [abs(i.value - truth) <= i.margin for i, truth in zip(intervals, truths, strict=True)]
    assert ((held / 4000 > 0.92) & (held / 4000 < 0.97)).all(), held / 4000


def test_perfect_sample_returns_the_mapped_areas_without_margin() -> None:
    estimate = estimate_areas(np.diag([10, 20]).astype(np.int64), np.array([3.0, 7.0]), "ab")
    assert [(c.area.value, c.area.margin) for c in estimate.classes] == [(3, 0), (7, 0)]


def test_complete_comparison_has_no_sampling_error() -> None:
    matrix = np.array([[80, 5], [20, 95]], np.int64)
    estimate = estimate_areas(matrix, np.array([100.0, 100.0]), "ab", population=np.array([100, 100]))
    assert [c.area.value for c in estimate.classes] == pytest.approx([85, 115])
    assert [c.area.margin for c in estimate.classes] == [0, 0]
    assert estimate.overall.margin == 0


def test_map_class_without_reference_is_left_out_and_named() -> None:
    matrix = np.array([[9, 1, 0], [1, 9, 0], [0, 0, 1]], np.int64)
    estimate = estimate_areas(matrix, np.array([40.0, 40.0, 20.0]), "abc")
    assert estimate.unassessed == ("c",)
    assert estimate.assessed_share == pytest.approx(0.8)
    assert sum(c.area.value for c in estimate.classes) == pytest.approx(80)
    assert estimate.to_json()["classes"][2]["users"] == {"value": None, "margin": None}
    json.dumps(estimate.to_json(), allow_nan=False)


def test_class_that_the_map_misses_gets_its_area_from_the_others() -> None:
    """Of map class a, a quarter is truly b, which the map lacks."""
    matrix = np.array([[30, 0], [10, 0]], np.int64)
    estimate = estimate_areas(matrix, np.array([100.0, 0.0]), "ab")
    assert estimate.classes[1].area.value == pytest.approx(25)
    assert estimate.classes[1].producers.value == 0
    assert estimate.unassessed == ()


def test_too_small_a_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="two reference pixels"):
        estimate_areas(np.array([[1, 0], [0, 1]], np.int64), np.array([1.0, 1.0]), "ab")
