"""3DMAE: what is hidden stays hidden, and the loss looks at nothing else."""

from typing import ClassVar

import pytest
import torch
from encoder_checks import EncoderChecks
from landsketch.core.cards import Normalisation, SourceCard
from landsketch.core.errors import CheckpointError
from landsketch.models.encoders.mae3d import Mae3dFeatures
from landsketch.models.encoders.offers import SceneOffer, SourceOffer
from landsketch.models.pretraining.mae3d import Mae3d, Mae3dOptions, patches
from landsketch.models.pretraining.masking import volume_mask
from landsketch.models.pretraining.method import Schedule

BANDS = {"optical": ("B02", "B03", "B04", "B08"), "sar": ("VV", "VH")}


def source(role):
    count = len(BANDS[role])
    scaling = Normalisation("3-sigma", (0.0,) * count, (1.0,) * count, (0.0, 1.0))
    sensor, units = {"optical": ("sentinel-2-l1c", "dn"), "sar": ("sentinel-1-grd", "db")}[role]
    return SourceCard(role, sensor, BANDS[role], units, 10, scaling, optional=True, partial=True)


LAYOUT = {role: list(bands) for role, bands in BANDS.items()}


class TestMae3d(EncoderChecks):
    architecture: ClassVar = {"name": "mae3d", "layout": LAYOUT, "size": "nano", "patch": 8, "window": 32}
    sources = tuple(source(role) for role in BANDS)


def encoder(*roles, seed=0):
    torch.manual_seed(seed)
    roles = roles or tuple(BANDS)
    return Mae3dFeatures([source(role) for role in roles], BANDS, "nano", patch=8, window=32).eval()


def method(**options):
    network = encoder()
    torch.manual_seed(1)
    return Mae3d(network, Schedule(10, 1e-3), Mae3dOptions(decoder_dim=32, decoder_depth=1, **options)).eval()


def images(batch=2, side=32):
    generator = torch.Generator().manual_seed(0)
    return {role: torch.rand(batch, len(bands), side, side, generator=generator) for role, bands in BANDS.items()}


def masks(batch=2, strategy="3DM", ratio=0.5, channel_ratio=0.4):
    return volume_mask(strategy, batch, 16, (4, 2), ratio, channel_ratio, torch.Generator().manual_seed(3))


def pixels(volume):
    """(sample, token, channel) → (sample, channel, y, x)."""
    grid = volume.transpose(1, 2).unflatten(2, (4, 4))
    return grid.repeat_interleave(8, 2).repeat_interleave(8, 3)


def test_hidden_pixels_do_not_leak():
    task, (spatial, volume) = method(), masks()
    stacked = task.encoder.stacked(images())
    changed = torch.where(pixels(volume), stacked + 100, stacked)
    with torch.inference_mode():
        before, tokens_before = task.reconstruct(stacked, spatial, volume)
        after, tokens_after = task.reconstruct(changed, spatial, volume)
    assert torch.equal(tokens_before, tokens_after)
    assert torch.equal(before, after)


def test_the_loss_is_of_hidden_entries_only():
    task, (_, volume) = method(), masks()
    predicted = torch.randn(2, 16, 6, 64, requires_grad=True)
    wanted = volume[..., None].expand_as(predicted)
    sum(task.parts(predicted.square(), wanted).values()).backward()
    assert (predicted.grad[~wanted] == 0).all()
    assert (predicted.grad[wanted] != 0).any()


def test_without_vertical_masks_it_is_a_plain_masked_autoencoder():
    task, (spatial, volume) = method(by_modality=False), masks(strategy="RC", channel_ratio=0.0)
    stacked = task.encoder.stacked(images())
    with torch.inference_mode():
        predicted, _ = task.reconstruct(stacked, spatial, volume)
        errors = (predicted - patches(stacked, 8)).square()
        plain = (errors.flatten(2).mean(dim=2) * spatial).sum() / spatial.sum()
        ours = task.parts(errors, volume[..., None].expand_as(errors))["reconstruction"]
    assert float(ours) == pytest.approx(float(plain), abs=1e-6)


def test_each_modality_counts_the_same():
    task = method()
    errors = torch.ones(1, 16, 6, 64)
    errors[:, :, 4:] = 3
    parts = task.parts(errors, torch.ones_like(errors, dtype=torch.bool))
    assert {role: float(part) for role, part in parts.items()} == {"optical": 0.5, "sar": 1.5}


def test_missing_pixels_are_neither_seen_nor_asked_for():
    task, scene = method(), images()
    scene["sar"][0] = torch.nan
    scene["optical"][1, :, :8, :8] = torch.nan
    parts, features = task.losses(scene)
    assert all(torch.isfinite(part) for part in parts.values())
    assert torch.isfinite(features).all()


def test_a_missing_modality_equals_a_hidden_one():
    both, optical = encoder(), encoder("optical")
    optical.load_state_dict(both.state_dict())
    scene = images(1)
    with torch.inference_mode():
        (alone,) = optical({"optical": scene["optical"]})
        (hidden,) = both(scene | {"sar": torch.full_like(scene["sar"], 0.5)})  # the mean
        (seen,) = both(scene)
    assert torch.allclose(alone, hidden, atol=1e-6)
    assert not torch.allclose(alone, seen, atol=1e-3)


def test_patches_keep_the_order_of_pixels():
    image = torch.arange(2 * 16 * 16).view(1, 2, 16, 16)
    cut = patches(image, 8)
    assert cut.shape == (1, 4, 2, 64)
    assert torch.equal(cut[0, 1, 0].view(8, 8), image[0, 0, :8, 8:])
    assert torch.equal(cut[0, 2, 1].view(8, 8), image[0, 1, 8:, :8])


def test_it_takes_the_bands_that_a_scene_has_and_refuses_one_without_any():
    sources = [source(role) for role in BANDS]
    offer = SourceOffer("optical", "a.tif", "sentinel-2-l2a", ("B01", "B04", "B08"), "dn", 10.0)
    adapted = Mae3dFeatures.adapted(sources, {}, SceneOffer((offer,)))
    assert [(taken.role, taken.bands, taken.sensor) for taken in adapted.sources] == [
        ("optical", ("B04", "B08"), "sentinel-2-l2a")
    ]
    other = SourceOffer("optical", "b.tif", "aerial", ("red", "green"), "raw", 0.2)
    with pytest.raises(CheckpointError, match="B02 B03 B04 B08"):
        Mae3dFeatures.adapted(sources, {}, SceneOffer((other,)))


def test_loss_falls():
    task = method().train()
    optimizer = torch.optim.AdamW(task.parameters(), 3e-3)
    generator = torch.Generator().manual_seed(0)
    field = torch.nn.functional.interpolate(torch.rand(8, 6, 4, 4, generator=generator), size=32, mode="bicubic")
    scene = {"optical": field[:, :4], "sar": field[:, 4:]}
    losses = []
    for _ in range(40):
        parts, _ = task.losses(scene)
        loss = sum(parts.values())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]
