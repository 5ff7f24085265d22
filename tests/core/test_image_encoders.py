"""Pretrained encoders of images through whole jobs: fine-tuned on a few labels, and used for a map."""

import numpy as np
import pytest
import rasterio
import torch
from helpers import S2_12, squares, two_class_s2, write_features, write_raster
from landsketch.core.card_files import read_card
from landsketch.core.cards import ANY_SENSOR, Card, Normalisation, SourceCard
from landsketch.core.jobs import run_job
from landsketch.core.progress import Reporter
from landsketch.models.checkpoints import save_checkpoint
from landsketch.models.published import example_source
from landsketch.models.segmenter import build_encoder

BANDS = ("B04", "B03", "B02", "B08")
OPTICAL = SourceCard("optical", "sentinel-2-l2a", BANDS, "dn", 10, Normalisation("constant", (0.0,) * 4, (3000.0,) * 4))
ANY = SourceCard("optical", ANY_SENSOR, (), "raw", 0, Normalisation("scene-2-sigma", (), ()))
SMALL = {"width": 32, "depth": 1, "heads": 2, "image": 64}

ENCODERS = {
    "resnet": ({"name": "resnet", "model": "resnet18"}, OPTICAL),
    "vit": ({"name": "vit", "published": 64, "embed_dim": 32, "depth": 1, "num_heads": 2}, OPTICAL),
    "swin-v2": ({"name": "swin-v2", "depths": [2, 1, 1, 1]}, OPTICAL),
    "swin": ({"name": "swin", "embed_dim": 24, "depths": [2, 1, 1, 1], "num_heads": [1, 2, 3, 3]}, OPTICAL),
    "dofa": ({"name": "dofa", **SMALL}, ANY),
    "scalemae": ({"name": "scalemae", **SMALL}, OPTICAL),
}


@pytest.mark.parametrize(
    ("name", "mode"),
    [*((name, "frozen") for name in ENCODERS), pytest.param("vit", "full", marks=pytest.mark.slow)],
)
def test_it_is_fine_tuned_and_makes_a_map(name, mode, tmp_path):
    architecture, source = ENCODERS[name]
    torch.manual_seed(0)
    encoder = build_encoder({"encoder": architecture}, [example_source(source)])
    checkpoint = str(tmp_path / "encoder.safetensors")
    save_checkpoint(checkpoint, encoder, Card({"encoder": architecture}, (source,), encoder.tile, encoder.halo))
    boxes, classes = squares(64)
    sources = [{"role": "optical", "path": write_raster(tmp_path / "s2.tif", two_class_s2(64), names=S2_12)}]
    labels = {"path": write_features(tmp_path / "labels.gpkg", boxes, classes), "field": "class"}
    model, output = str(tmp_path / "model.safetensors"), str(tmp_path / "map.tif")
    spec = {"sources": sources, "device": "cpu", "checkpoint": checkpoint, "output": model}
    run_job("finetune", {**spec, "labels": labels, "mode": mode, "epochs": 1}, Reporter())
    run_job("classify", {**spec, "checkpoint": model, "output": output}, Reporter())
    card = read_card(model)
    assert card.architecture["encoder"]["name"] == name
    assert set(card.sources[0].bands) <= set(S2_12) and not card.sources[0].normalisation.is_open
    with rasterio.open(output) as dataset:
        classified = dataset.read(1)
    if mode == "frozen":
        assert np.mean(classified[:, :24] == 1) > 0.9
        assert np.mean(classified[:, 40:] == 2) > 0.9
    else:
        assert (classified > 0).all()
