"""Known values of the losses; computed by hand or in closed form."""

import math

import pytest
import torch
from landsketch.models.encoders.mae3d import sine_cosine
from landsketch.models.pretraining.losses import (
    assignment_loss,
    cluster_loss,
    correlation_matrix,
    masked_mean,
    sequence_loss,
)
from landsketch.models.pretraining.method import spread
from lightly.loss import NegativeCosineSimilarity, NTXentLoss

PAIRS = torch.tensor([[1.0, 1, 0], [0, 1, 1], [1, 0, 1]])


def close(expected):
    return pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("temperature", [0.1, 0.2, 0.5, 0.7])
def test_contrast_of_orthogonal_pairs(temperature):
    loss = NTXentLoss(temperature)(torch.eye(2), torch.eye(2))
    assert float(loss) == close(math.log(1 + 2 * math.exp(-1 / temperature)))


def test_contrast_of_equal_vectors_and_of_swapped_views():
    assert float(NTXentLoss(0.3)(torch.ones(4, 3), torch.ones(4, 3))) == close(math.log(7))
    loss = NTXentLoss(0.5)
    assert float(loss(torch.eye(3), PAIRS)) == close(1.1375909)
    assert float(loss(PAIRS, torch.eye(3))) == close(1.1375909)


def test_siamese_loss():
    vectors = torch.randn(5, 7, generator=torch.Generator().manual_seed(0))
    assert float(NegativeCosineSimilarity()(vectors, vectors)) == close(-1)


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [(torch.eye(3).repeat(4, 1), math.log(1 + 4 / math.e)), (torch.full((12, 3), 1 / 3), math.log(5))],
)
def test_cluster_loss(assignment, expected):
    assert float(cluster_loss(assignment, assignment)) == close(expected)


def test_cluster_loss_does_not_care_for_names_and_survives_an_empty_cluster():
    first, second = torch.randn(2, 12, 3, generator=torch.Generator().manual_seed(0)).softmax(dim=-1)
    order = [2, 0, 1]
    assert float(cluster_loss(first, second)) == close(float(cluster_loss(first[:, order], second[:, order])))
    empty = torch.eye(3)[[0, 1] * 6].requires_grad_()
    loss = cluster_loss(empty, empty)
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(empty.grad).all()


def test_assignment_loss():
    certain = torch.eye(3).repeat(4, 1) * 30
    assert float(assignment_loss(certain, certain)) == close(math.log(1 + 2 / math.e))
    assert float(assignment_loss(torch.zeros(12, 3), torch.zeros(12, 3))) == close(math.log(3))


def test_sequence_loss_weighs_by_distance_and_never_repels():
    first = torch.randn(1, 8, generator=torch.Generator().manual_seed(0))
    for gap, weight in enumerate([1.0, 0.8, 0.6, 0.4, 0.2, 0.0, 0.0]):
        opposite = sequence_loss(first, -first, torch.tensor([gap]), 0.2)
        assert float(opposite) == close(2 * weight)
        assert float(sequence_loss(first, first, torch.tensor([-gap]), 0.2)) == close(0)


def test_smooth_l1_over_masked_pixels_only():
    error = torch.nn.functional.smooth_l1_loss(torch.tensor([0.0, 0.5, 2.0, 9.0]), torch.zeros(4), reduction="none")
    assert float(masked_mean(error, torch.tensor([True, True, True, False]))) == close(0.5416667)
    assert float(masked_mean(error, torch.zeros(4, dtype=torch.bool))) == 0


def test_correlation_matrix_finds_the_shifted_partner():
    maps = torch.randn(4, 6, 9, 9, generator=torch.Generator().manual_seed(0))
    similarity = correlation_matrix(maps, maps.roll((1, -2), dims=(2, 3)))
    assert similarity.argmax(dim=1).tolist() == [0, 1, 2, 3]
    assert float(correlation_matrix(maps, maps).diag().mean()) == close(1)


def test_spread_tells_collapse():
    generator = torch.Generator().manual_seed(0)
    assert float(spread(torch.randn(512, 64, generator=generator))) == pytest.approx(1, abs=0.05)
    assert float(spread(torch.ones(512, 64))) == close(0)


def test_sine_cosine_positions():
    assert sine_cosine(torch.tensor([3.0]), 4)[0].tolist() == close([0.141120, 0.029996, -0.989992, 0.999550])
