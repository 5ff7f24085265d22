"""Maps are freed of speckle, the same however they arrive."""

from __future__ import annotations

import numpy as np
import pytest
from landsketch.core.mapping import smoothing
from landsketch.core.mapping.smoothing import METHODS, SMOOTHNESS, Smoother, bayes, majority
from landsketch.core.runtimes.runtime import FULL

SIZES = [(40, 23), (3, 17), (1, 9), (29, 1), (1, 1), (5, 5)]


def random_steps(classes=4, height=40, width=23, seed=0, missing=0.15):
    """(class, y, x) probabilities of a few patches with noise, some sure of themselves, some pixels without data."""
    rng = np.random.default_rng(seed)
    patches = rng.integers(0, classes, (height // 6 + 1, width // 6 + 1)).repeat(6, 0).repeat(6, 1)[:height, :width]
    logits = rng.normal(0, 2, (classes, height, width)) + 6 * (patches == np.arange(classes)[:, None, None])
    shares = np.exp(logits) / np.exp(logits).sum(axis=0)
    steps = np.rint(shares * FULL).astype(np.int16)
    steps[:, rng.random((height, width)) < missing] = 0
    return steps


def certain(classes):
    """(y, x) classes from 1, 0 for no data → (class, y, x) with a probability of one."""
    classes = np.asarray(classes)
    return (FULL * (classes == np.arange(1, classes.max() + 1)[:, None, None])).astype(np.int16)


def to_classes(steps):
    return np.where(steps.max(axis=0) > 0, steps.argmax(axis=0) + 1, 0)


def window(y, x, radius):
    return slice(max(y - radius, 0), y + radius + 1), slice(max(x - radius, 0), x + radius + 1)


def plain_majority(steps, radius):
    """`majority` as its text says it, pixel by pixel."""
    result = np.zeros_like(steps)
    for y, x in np.argwhere(steps.max(axis=0) > 0):
        around = steps[(slice(None), *window(y, x, radius))].reshape(len(steps), -1).astype(np.int64)
        around = around[:, around.max(axis=0) > 0]
        votes = around.argmax(axis=0)
        ranks = [((votes == c).sum(), around[c].sum(), c == steps[:, y, x].argmax(), -c) for c in range(len(steps))]
        winner = ranks.index(max(ranks))
        result[:, y, x] = np.floor(around[:, votes == winner].mean(axis=1) + 0.5)
    return result


def plain_bayes(steps, radius):
    """`bayes` as its equation says it, pixel by pixel in double precision: (class, y, x) probabilities."""
    result = np.zeros(steps.shape)
    share = np.clip(steps, 0.5, FULL - 0.5) / FULL
    logits = np.log(share / (1 - share))
    for y, x in np.argwhere(steps.max(axis=0) > 0):
        valid = steps[(slice(None), *window(y, x, radius))].max(axis=0) > 0
        for c, plane in enumerate(logits):
            around = plane[window(y, x, radius)][valid]
            mean, variance = around.mean(), around.var(ddof=1) if around.size > 1 else 0.0
            expected = (variance * plane[y, x] + SMOOTHNESS * mean) / (variance + SMOOTHNESS)
            result[c, y, x] = 1 / (1 + np.exp(-expected))
    return result / np.maximum(result.sum(axis=0), 1e-9)


@pytest.mark.parametrize("radius", [1, 2, 5, 32])
@pytest.mark.parametrize("size", SIZES)
def test_majority_is_what_counting_by_hand_gives(size, radius):
    steps = random_steps(3, *size, seed=radius)
    np.testing.assert_array_equal(majority(steps, radius), plain_majority(steps, radius))


@pytest.mark.parametrize("columns", [1, 5, 22])
def test_majority_does_not_depend_on_the_columns_that_it_takes_at_a_time(monkeypatch, columns):
    steps = random_steps(3)
    whole = majority(steps, 3)
    monkeypatch.setattr(smoothing, "_COLUMNS", columns)
    np.testing.assert_array_equal(majority(steps, 3), whole)


@pytest.mark.parametrize("radius", [1, 2, 5, 32])
@pytest.mark.parametrize("size", SIZES)
def test_bayes_is_what_the_equation_gives(size, radius):
    steps = random_steps(3, *size, seed=radius)
    np.testing.assert_allclose(bayes(steps, radius), plain_bayes(steps, radius) * FULL, atol=2)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("radius", [1, 3, 7])
@pytest.mark.parametrize("size", SIZES)
def test_result_does_not_depend_on_how_the_rows_are_cut(method, radius, size):
    steps = random_steps(4, *size, seed=radius)
    whole = METHODS[method](steps, radius)
    rng = np.random.default_rng(radius)
    height = size[0]
    cuts = [[height], [1] * height, *(random_cut(rng, height) for _ in range(4))]
    for heights in cuts:
        smoother = Smoother(method, radius)
        ends = np.cumsum(heights)
        parts = [smoother.push(steps[:, end - count : end]) for count, end in zip(heights, ends, strict=True)]
        parts.append(smoother.finish())
        np.testing.assert_array_equal(np.concatenate(parts, axis=1), whole)


def random_cut(rng, height):
    """Heights from 0 to a third of the raster that add up to it."""
    heights = []
    while sum(heights) < height:
        heights.append(min(int(rng.integers(0, height // 3 + 2)), height - sum(heights)))
    return heights


@pytest.mark.parametrize("method", METHODS)
def test_rows_come_as_soon_as_nothing_below_can_change_them(method):
    smoother = Smoother(method, 3)
    steps = random_steps(height=30)
    handed = [smoother.push(steps[:, row : row + 5]).shape[1] for row in range(0, 30, 5)]
    assert handed == [2, 5, 5, 5, 5, 5]
    assert smoother.finish().shape == (4, 3, 23)


@pytest.mark.parametrize("method", METHODS)
def test_only_the_rows_that_are_needed_are_held(method):
    smoother = Smoother(method, 3)
    smoother.push(random_steps(height=40))
    held = smoother._rows
    assert held.shape[1] == 6
    assert held.base is None  # a view would hold all 40 rows


@pytest.mark.parametrize("method", METHODS)
def test_a_finished_smoother_starts_the_next_map_afresh(method):
    smoother = Smoother(method, 2)
    first, second = random_steps(seed=1), random_steps(seed=2)
    for steps in (first, second):
        joined = np.concatenate([smoother.push(steps), smoother.finish()], axis=1)
        np.testing.assert_array_equal(joined, METHODS[method](steps, 2))


@pytest.mark.parametrize("method", METHODS)
def test_no_data_stays_no_data_and_data_stays_data(method):
    steps = random_steps(missing=0.5)
    smoothed = METHODS[method](steps, 2)
    np.testing.assert_array_equal(smoothed.max(axis=0) > 0, steps.max(axis=0) > 0)
    nothing = np.zeros_like(steps)
    assert not METHODS[method](nothing, 2).any()


@pytest.mark.parametrize("method", METHODS)
def test_no_data_does_not_sway_its_neighbours(method):
    """A pixel among no data, with a sure neighbour of its own class, is as it was."""
    classes = np.zeros((9, 9), int)
    classes[4, 4:6] = 2
    np.testing.assert_array_equal(to_classes(METHODS[method](certain(classes), 3)), classes)


@pytest.mark.parametrize("method", METHODS)
def test_a_lone_pixel_follows_those_around_it(method):
    steps = certain(np.ones((9, 9), int)).repeat(2, axis=0)
    steps[1] = 0
    steps[:, 4, 4] = 0.01 * FULL, 0.99 * FULL
    assert (to_classes(METHODS[method](steps, 2)) == 1).all()


@pytest.mark.parametrize("method", METHODS)
def test_a_straight_border_between_sure_classes_stays(method):
    classes = np.ones((12, 12), int)
    classes[:, 5:] = 2
    np.testing.assert_array_equal(to_classes(METHODS[method](certain(classes), 2)), classes)


@pytest.mark.parametrize("method", METHODS)
def test_probabilities_add_up_to_one(method):
    steps = random_steps(6, missing=0)
    total = METHODS[method](steps, 2).sum(axis=0, dtype=int)
    assert np.abs(total - FULL).max() <= 6


@pytest.mark.parametrize("method", METHODS)
def test_a_map_where_all_agree_keeps_its_probabilities(method):
    steps = np.empty((3, 8, 8), np.int16)
    steps[:] = np.array([20_000, 9_000, 3_000])[:, None, None]
    assert np.abs(METHODS[method](steps, 2).astype(int) - steps).max() <= 1


def test_equal_votes_go_to_the_likelier_class_then_to_the_own():
    likelier = np.zeros((2, 1, 2), np.int16)
    likelier[:, 0, 0], likelier[:, 0, 1] = (20_000, 12_000), (2_000, 30_000)
    assert to_classes(majority(likelier, 1)).tolist() == [[2, 2]]
    assert to_classes(majority(certain([[1, 2], [2, 1]]), 1)).tolist() == [[1, 2], [2, 1]]


def test_confidence_of_a_majority_is_that_of_its_voters():
    """Two votes for class 1 with 0.75 and 0.5 against one for class 2."""
    steps = np.array([[[24_000, 16_000, 0]], [[8_000, 15_999, 32_000]]], np.int16)
    assert majority(steps, 2)[:, 0, 0].tolist() == [20_000, 12_000]


def test_a_sure_pixel_withstands_neighbours_that_are_less_sure():
    steps = np.empty((2, 5, 5), np.int16)
    steps[0], steps[1] = 17_000, 15_000
    steps[:, 2, 2] = 0, FULL
    assert to_classes(bayes(steps, 1))[2, 2] == 2
    assert to_classes(majority(steps, 1))[2, 2] == 1


def test_an_unsure_pixel_takes_the_classes_of_a_sure_neighbourhood():
    steps = certain(np.ones((5, 5), int)).repeat(2, axis=0)
    steps[1] = 0
    steps[:, 2, 2] = 15_000, 17_000
    smoothed = bayes(steps, 1)
    assert smoothed[0, 2, 2] > 0.9 * FULL
