"""The losses of fine-tuning: known values, and no gradient where nothing is labelled."""

import pytest
import torch
from landsketch.core.specs import LOSSES
from landsketch.models.losses import IGNORED, SegmentationLoss

ROWS = torch.tensor([[2.0, 0, 0], [0, 1, 0], [0, 0, 0], [5, 5, 5]])
CLASSES = torch.tensor([0, 1, 2, IGNORED])


def in_a_row(logits, target):
    """(pixel, class), (pixel,) as one image of a single row."""
    return logits.T[None, :, None], target[None, None], torch.ones(1, 1, len(target))


@pytest.mark.parametrize(
    ("name", "weights", "expected"), [("cross-entropy", [1.0, 2, 4], 0.8195547), ("focal", [1.0, 1, 1], 0.1994078)]
)
def test_losses_of_pixels_have_their_known_values(name, weights, expected):
    loss = SegmentationLoss(name, torch.tensor(weights))(*in_a_row(ROWS, CLASSES))
    assert float(loss) == pytest.approx(expected, abs=1e-5)


def test_the_dice_loss_has_its_known_value():
    logits, target = torch.tensor([[0.7, 0.3], [0.4, 0.6]]).log(), torch.tensor([0, 1])
    loss = SegmentationLoss("dice", torch.ones(2))
    assert float(loss(*in_a_row(logits, target))) == pytest.approx(0.3508772, abs=1e-5)
    more = torch.cat([logits, torch.tensor([[3.0, -2], [0, 9]])]), torch.tensor([0, 1, IGNORED, IGNORED])
    assert float(loss(*in_a_row(*more))) == pytest.approx(0.3508772, abs=1e-5)


def test_a_sum_is_the_sum_of_its_parts():
    parts = [SegmentationLoss(name, torch.ones(3))(*in_a_row(ROWS, CLASSES)) for name in ("focal", "dice")]
    both = SegmentationLoss("focal+dice", torch.ones(3))(*in_a_row(ROWS, CLASSES))
    assert torch.allclose(both, sum(parts))


@pytest.mark.parametrize("name", LOSSES)
def test_ignored_pixels_get_no_gradient(name):
    logits = torch.randn(2, 4, 8, 8, requires_grad=True)
    target = torch.randint(0, 4, (2, 8, 8))
    target[:, ::2] = IGNORED
    SegmentationLoss(name, torch.ones(4))(logits, target, torch.ones(2, 8, 8)).backward()
    gradient = logits.grad.abs().sum(dim=1)
    assert (gradient[target == IGNORED] == 0).all()
    assert (gradient[target != IGNORED] > 0).all()


@pytest.mark.parametrize("name", LOSSES)
def test_nothing_labelled_is_a_loss_of_zero(name):
    logits = torch.randn(1, 3, 4, 4, requires_grad=True)
    target = torch.full((1, 4, 4), IGNORED)
    loss = SegmentationLoss(name, torch.ones(3))(logits, target, torch.zeros(1, 4, 4))
    loss.backward()
    assert float(loss.detach()) == 0
    assert (logits.grad == 0).all()


@pytest.mark.parametrize("name", LOSSES[:2])
def test_a_pixel_counts_as_much_as_its_weight(name):
    loss = SegmentationLoss(name, torch.ones(3))
    logits, target, weight = in_a_row(ROWS[:3], CLASSES[:3])
    twice = torch.cat([logits, logits[..., :1]], dim=-1), torch.cat([target, target[..., :1]], dim=-1)
    weight[..., 0] = 2
    assert torch.allclose(loss(logits, target, weight), loss(*twice, torch.ones(1, 1, 4)))
