"""Distillation, and the encoder that it is for."""

from typing import ClassVar

import torch
from encoder_checks import EncoderChecks
from landsketch.core.cards import Normalisation, SourceCard
from landsketch.models.encoders.stack_conv import StackConvFeatures
from landsketch.models.pretraining.distillation import Distillation, DistillationOptions
from landsketch.models.pretraining.method import Schedule

BANDS = {"optical": ("B02", "B03", "B04", "B08"), "sar": ("VV", "VH")}
SENSORS = {"optical": ("sentinel-2-l1c", "dn"), "sar": ("sentinel-1-grd", "db"), "embedding": ("generic", "raw")}


def source(role, bands):
    scaling = Normalisation("3-sigma", (0.0,) * len(bands), (1.0,) * len(bands), (0.0, 1.0))
    return SourceCard(role, SENSORS[role][0], bands, SENSORS[role][1], 10, scaling)


LAYOUT = {role: list(bands) for role, bands in BANDS.items()}


class TestStackConvolutions(EncoderChecks):
    architecture: ClassVar = {"name": "stack-conv", "layout": LAYOUT, "width": 16, "depth": 2, "dim": 8}
    sources = tuple(source(role, bands) for role, bands in BANDS.items())


def student(*roles):
    torch.manual_seed(0)
    sources = [source(role, BANDS[role]) for role in roles or BANDS]
    return StackConvFeatures(sources, BANDS, width=16, depth=2, dim=8).eval()


def method(**options):
    target = source("embedding", tuple(f"f{i}" for i in range(8)))
    return Distillation(student(), target, Schedule(10, 1e-3), DistillationOptions(**options)).eval()


def batch(count=4, side=64):
    generator = torch.Generator().manual_seed(0)
    images = {role: torch.rand(count, len(bands), side, side, generator=generator) for role, bands in BANDS.items()}
    return images | {"embedding": torch.rand(count, 8, side // 4, side // 4, generator=generator)}


def loss_of(task, images):
    return sum(task.losses(images)[0].values())


def test_features_do_not_depend_on_the_tile():
    network = student()
    whole = {role: image[:1] for role, image in batch(1, 160).items() if role != "embedding"}
    part = {role: image[..., 16:144, 32:160] for role, image in whole.items()}
    with torch.inference_mode():
        (everything,), (some,) = network(whole), network(part)
    skip = network.halo // 4
    assert torch.allclose(
        some[..., skip:-skip, skip:-skip], everything[..., 4 + skip : 36 - skip, 8 + skip : 40 - skip], atol=1e-5
    )


def test_a_missing_sensor_is_not_an_average_one():
    both, alone = student(), student("optical")
    alone.load_state_dict(both.state_dict())
    images = {role: image for role, image in batch().items() if role != "embedding"}
    with torch.inference_mode():
        (missing,) = alone({"optical": images["optical"]})
        (hidden,) = both(images | {"sar": torch.full_like(images["sar"], torch.nan)})
        (average,) = both(images | {"sar": torch.full_like(images["sar"], 0.5)})
    assert torch.equal(missing, hidden)
    assert not torch.allclose(missing, average, atol=1e-3)


def test_what_is_hidden_is_not_seen_and_something_always_is():
    task = method(whole=0.0, channel_ratio=0.5)
    images = {role: image.repeat(64, 1, 1, 1) for role, image in batch().items() if role != "embedding"}
    images["sar"][::2] = torch.nan
    shown = task.hide(task.encoder.stacked(images), task.draws())
    seen = ~shown.isnan().flatten(2).all(dim=2)
    assert seen.any(dim=1).all(), "a sample that lacks SAR was left with nothing"
    assert (~seen[1::2, :4]).all(dim=1).any(), "optical was never hidden as a whole"
    everything = method(whole=1.0).hide(task.encoder.stacked(images), task.draws())
    assert torch.equal(everything.isnan(), task.encoder.stacked(images).isnan())


def test_pixels_that_the_teacher_does_not_know_do_not_count():
    task = method(whole=1.0)
    images = batch()
    images["embedding"][:, :, :8] = torch.nan
    before = loss_of(task, images).item()
    images["embedding"][:, :, 8:] += 0.1
    assert loss_of(task, images).item() != before, "what it knows does"
    images["embedding"][:] = torch.nan
    assert loss_of(task, images).item() == 0


def test_the_edge_of_a_window_does_not_count():
    task, images = method(whole=1.0), batch()
    before = loss_of(task, images).item()
    images["embedding"][:, :, :4] += 1
    images["embedding"][..., -4:] += 1
    assert loss_of(task, images).item() == before
    images["embedding"][:, :, 4] += 1
    assert loss_of(task, images).item() != before


def test_what_differs_between_images_does_not_drown_what_differs_within():
    """As a teacher's features do: far apart from image to image, and in some channels nearly the same within each."""
    task, images = method(whole=1.0), batch()
    inside = 0.2 * images["embedding"]
    outside = 0.8 * torch.rand(4, 8, 1, 1, generator=torch.Generator().manual_seed(1))
    narrow = torch.tensor([1.0, 0.25]).repeat(4)[:, None, None]
    alike, apart, uneven = (
        task.losses(images | {"embedding": features})[0]
        for features in (inside + 0.4, inside + outside, inside * narrow + outside)
    )
    assert torch.allclose(apart["structure"], alike["structure"], atol=1e-4)
    assert torch.allclose(uneven["structure"], alike["structure"], atol=1e-4)
    assert apart["level"] > 1.5 * alike["level"]


def test_the_student_comes_near_the_teacher():
    task = method(whole=1.0).train()
    images = batch()
    seen = torch.nn.functional.avg_pool2d(images["optical"], 4)
    images["embedding"] = torch.cat([seen, 1 - seen], dim=1)
    optimizer = torch.optim.AdamW(task.parameters(), 1e-2)
    losses = []
    for _ in range(60):
        loss = loss_of(task, images)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
