"""Made-up places seen by two sensors, small encoders, and a short training, for the tests of pretraining."""

from __future__ import annotations

import lightning
import torch
from landsketch.core.cards import Normalisation, SourceCard
from landsketch.models.encoders.pair import PairFeatures
from landsketch.models.encoders.resnet import ResNetFeatures
from landsketch.models.pretraining.method import Schedule

OPTICAL = SourceCard(
    "optical", "sentinel-2-l2a", ("B02", "B03", "B04", "B08"), "dn", 10.0,
    Normalisation("3-sigma", (0.0, 0.0, 100.0, 200.0), (3000.0, 3000.0, 4000.0, 5000.0), (0.0, 1.0)),
)  # fmt: skip
SAR = SourceCard(
    "sar",
    "sentinel-1-grd",
    ("VV", "VH"),
    "db",
    10.0,
    Normalisation("3-sigma", (-25.0, -32.0), (30.0, 30.0), (0.0, 1.0)),
)
SMALL = {"name": "resnet", "model": "resnet10t", "levels": (1, 2)}
SCHEDULE = Schedule(steps=40, rate=1e-3)


def places(count=16, side=32, seed=0):
    """Draws places, each with a ground of its own: per role (place, band, y, x) in canonical units."""
    generator = torch.Generator().manual_seed(seed)
    ground = torch.rand(count, 3, 1, 1, generator=generator) + 0.3 * torch.rand(count, 3, 4, 4, generator=generator)
    ground = torch.nn.functional.interpolate(ground, size=side, mode="bicubic").clamp(0, 1.3) / 1.3
    images = {}
    for source in (OPTICAL, SAR):
        mixture = torch.rand(len(source.bands), 3, generator=generator).softmax(dim=1)
        offset, scale = (
            torch.tensor(numbers).view(1, -1, 1, 1)
            for numbers in (source.normalisation.offset, source.normalisation.scale)
        )
        clean = torch.einsum("bc,pcyx->pbyx", mixture, ground)
        noise = 0.03 * torch.randn(clean.shape, generator=generator)
        images[source.role] = (clean + noise).clamp(0, 1) * scale + offset
    return images


def joint_encoder(*sources):
    torch.manual_seed(0)
    return ResNetFeatures(sources or (OPTICAL, SAR), "resnet10t", (1, 2))


def pair_encoder():
    torch.manual_seed(0)
    return PairFeatures((OPTICAL, SAR), {"optical": SMALL, "sar": SMALL})


def trained(method, batch, steps=40, rate=1e-3):
    """Trains on one batch; returns the loss and the features' spread after each step."""
    from landsketch.models.pretraining.method import spread

    optimizer = torch.optim.AdamW([p for p in method.parameters() if p.requires_grad], rate)
    losses, spreads = [], []
    method.train()
    for _ in range(steps):
        parts, features = method.losses(batch)
        loss = sum(parts.values())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        spreads.append(float(spread(features)))
    return losses, spreads


def fitted(method, batch, steps, *callbacks):
    """Trains in Lightning's own loop on the CPU."""
    trainer = lightning.Trainer(
        accelerator="cpu", max_steps=steps, callbacks=list(callbacks), logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip
    trainer.fit(method, [batch] * steps)
    return trainer
