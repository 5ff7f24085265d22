"""STMIM: masks, the sequence term, and what has a gradient."""

import pytest
import torch
from landsketch.core.cards import Normalisation, SourceCard
from landsketch.models.encoders.swin import SwinFeatures
from landsketch.models.pretraining.method import Schedule
from landsketch.models.pretraining.stmim import Stmim, StmimOptions

SMALL = {"embed_dim": 12, "depths": [1, 1, 1, 1], "num_heads": [1, 2, 3, 6], "window_size": 4, "image": 64}


def method(**options):
    torch.manual_seed(0)
    scaling = Normalisation("3-sigma", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (0.0, 1.0))
    source = SourceCard("optical", "sentinel-2-l2a", ("B02", "B03", "B04"), "dn", 10, scaling)
    return Stmim(SwinFeatures([source], **SMALL), Schedule(10, 1e-3), StmimOptions(**options)).eval()


def pair(batch=2, side=64, gap=1.0):
    generator = torch.Generator().manual_seed(0)
    first, second = torch.rand(2, batch, 3, side, side, generator=generator)
    return {"optical": first, "optical@2": second, "gap": torch.full((batch,), gap)}


def test_hidden_pixels_do_not_leak():
    task = method()
    channels = task.stacked({"optical": pair()["optical"]})
    mask = torch.rand(2, 16, 16, generator=torch.Generator().manual_seed(1)) < 0.8
    hidden = mask.repeat_interleave(4, 1).repeat_interleave(4, 2)[:, None]
    with torch.inference_mode():
        before, _ = task.reconstruct(channels, mask)
        after, _ = task.reconstruct(torch.where(hidden, channels + 50, channels), mask)
    assert torch.equal(before, after)


def test_the_mask_token_learns_and_the_prediction_has_the_size_of_the_image():
    task = method()
    channels = task.stacked({"optical": pair()["optical"]})
    predicted, features = task.reconstruct(channels, torch.ones(2, 16, 16, dtype=torch.bool))
    assert predicted.shape == channels.shape
    assert features.shape == (2, 96, 2, 2)
    predicted.square().mean().backward()
    assert task.mask_token.grad.abs().sum() > 0


def test_dates_far_apart_count_less_and_the_same_date_is_alike():
    task = method(beta=0.2, alpha=1.0)
    near, far = (task.losses(pair(gap=gap))[0]["sequence"] for gap in (1.0, 3.0))
    assert float(far) == pytest.approx(float(near) * 0.4 / 0.8, rel=1e-5)
    same = pair(gap=0.0)
    same["optical@2"] = same["optical"]
    task = method(ratio=0.0, alpha=1.0)
    assert float(task.losses(same)[0]["sequence"]) == pytest.approx(0, abs=1e-6)


def test_pixels_without_data_are_not_asked_for():
    task = method(ratio=1.0, alpha=0.0)
    batch = pair()
    batch["optical"][:, :, :, 32:] = torch.nan
    parts, features = task.losses(batch)
    assert torch.isfinite(parts["reconstruction"])
    assert torch.isfinite(features).all()
    batch["optical"][:] = batch["optical@2"][:] = torch.nan
    assert float(task.losses(batch)[0]["reconstruction"]) == 0


def test_loss_falls():
    task = method().train()
    optimizer = torch.optim.AdamW(task.parameters(), 3e-3)
    field = torch.rand(4, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    image = torch.nn.functional.interpolate(field, size=64, mode="bilinear")
    batch = {"optical": image, "optical@2": image.flip(0), "gap": torch.ones(4)}
    losses = []
    for _ in range(30):
        loss = sum(task.losses(batch)[0].values())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]
