"""Shared by the tests of networks."""

from __future__ import annotations

from pathlib import Path

import torch
from landsketch.core.cards import Card, Normalisation, SourceCard
from landsketch.core.legend import ClassLegend
from landsketch.models.encoders.galileo_features import source_card
from landsketch.models.segmenter import build_segmenter

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"

SCALING = Normalisation("3-sigma", (0.0,) * 10, (6000.0,) * 10, (0.0, 1.0))
OPTICAL = source_card(
    "optical", "sentinel-2-l2a", ("B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12"), 10
)
PLAIN = SourceCard("optical", "sentinel-2-l2a", OPTICAL.bands, "dn", 10.0, SCALING)
RADAR = source_card("sar", "sentinel-1-grd", ("VV", "VH"), 10)

GALILEO = {"name": "galileo", "month": 7, "dim": 32, "depth": 1, "heads": 4}
ARCHITECTURES = {
    "galileo linear": (GALILEO, {"name": "linear", "context": True}),
    "galileo convolutional": (GALILEO, {"name": "convolutional", "context": True}),
    "random features": ({"name": "random-features", "filters": 16}, {"name": "linear", "context": True}),
    "unet": ({"name": "unet", "encoder": "resnet18"}, {"name": "linear", "context": False}),
}


def small_card(name, classes=3):
    encoder, head = ARCHITECTURES[name]
    optical = OPTICAL if encoder["name"] == "galileo" else PLAIN
    legend = ClassLegend.from_names([f"class {i}" for i in range(classes)])
    draft = Card({"encoder": encoder, "head": head}, (optical, RADAR), 128, 32, legend)
    network = build_segmenter(draft)
    return Card(draft.architecture, draft.sources, network.encoder.tile, network.encoder.halo, legend)


def small_network(name, classes=3):
    torch.manual_seed(0)
    network = build_segmenter(small_card(name, classes))
    for parameter in network.head.parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=0.1)
    return network.eval()


def images(height=64, width=96, batch=2, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return {
        "optical": torch.rand(batch, 10, height, width, generator=generator) * 3000,
        "sar": torch.rand(batch, 2, height, width, generator=generator) * -20,
    }
