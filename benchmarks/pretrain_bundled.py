"""Makes a small encoder to come with LandSketch, from real unlabelled images, simulated scenes, and a teacher.

    ./dev shell benchmarks/pretrain_bundled.py --data FOLDER --work FOLDER --output encoder.safetensors

Two jobs of LandSketch, one after the other: `embed` writes Galileo-nano's features (MIT licence, NASA Harvest) of each
image, and `pretrain` teaches an encoder of one token a place, which begins with Galileo's own blocks, to make them of
whatever sensors and bands it sees. Brazil and Denmark, on which `benchmarks/fewlabels.py` judges it, are left out. Both
jobs go on where they stopped.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("GDAL_CACHEMAX", "64")

import numpy as np
import rasterio
from landsketch.core.card_files import read_card
from landsketch.core.jobs import run_job
from landsketch.core.progress import Reporter
from landsketch.core.simulate import simulate
from landsketch.models.checkpoints import load_weights, save_checkpoint
from landsketch.models.segmenter import build_encoder
from rasterio.transform import from_origin

SIMULATED = 8
"""Simulated scenes of 256 × 256 pixels: all of them have SAR, of which there are few real images."""

TRAINING = {"method": "distillation", "network": "merged-galileo", "window": 64, "batch": 8, "rate": 5e-4}

STEPS = 600
"""Of 600 to 3000 updates, at rates from 2e-4 to 1e-3, the shortest gave the best maps of drawn polygons: longer and
faster ones come nearer to the teacher on the images at hand, and forget what it knows of others."""

PAIRS = 4
"""How often images of both sensors are listed: nine in ten pixels at hand are of optical images alone."""


@dataclass(frozen=True)
class Unlabelled:
    """An image to learn from: a name, and its rasters as `SourceSpec`s in JSON."""

    name: str
    sources: list[dict[str, Any]]


def main() -> None:
    """Gathers images, embeds them with the teacher, and pretrains."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the images and checkpoints")
    parser.add_argument("--work", type=Path, required=True, help="folder for the teacher's features, about 200 MB")
    parser.add_argument("--output", type=Path, required=True, help="checkpoint to write")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--device", default="auto")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    teacher = str(arguments.data / "checkpoints/galileo-nano/encoder.pt")
    scenes = []
    for image in gathered(arguments.data, arguments.work):
        features = arguments.work / f"{image.name}_galileo.tif"
        if not features.exists():
            print("Teacher:", image.name, flush=True)
            embed = {"checkpoint": teacher, "sources": image.sources, "output": str(features), "stored": "float16"}
            run_job("embed", embed | {"device": arguments.device}, Reporter())
        scene = {"sources": [*image.sources, {"role": "embedding", "path": str(features)}]}
        scenes += [scene] * (PAIRS if len(image.sources) > 1 else 1)
    pretrain = {
        "scenes": scenes,
        **TRAINING,
        "output": str(arguments.output),
        "report": str(arguments.work / "report.html"),
        "steps": arguments.steps,
        "options": {"start": teacher},
        "device": arguments.device,
    }
    run_job("pretrain", pretrain, Reporter(_say))
    shrink(str(arguments.output))


def shrink(path: str) -> None:
    """Halves the weights' precision, and says on the card what they were learned from."""
    card = read_card(path)
    network = build_encoder(card.architecture, card.sources)
    network.load_state_dict(load_weights(path))
    said = {
        "licence": "GPL-3.0-or-later, as LandSketch; the teacher's weights are MIT",
        "teacher": "Galileo-nano (NASA Harvest, MIT licence): the features it gives, and the weights to begin with",
    }
    save_checkpoint(path, network.half(), replace(card, provenance=card.provenance | said))


def gathered(data: Path, work: Path) -> Iterator[Unlabelled]:
    """Goes through the images; those that no raster format holds are written as GeoTIFF first."""
    yield from chips(data / "unlabelled_chips", work)
    for path in sorted((data / "s2_s1_bigearthnet_tiny").glob("*_S2L2A.tif")):
        yield Unlabelled(path.stem, [{"role": "optical", "path": str(path)}])
    for path in sorted((data / "s2_s1_bigearthnet_tiny").glob("*_S1.tif")):
        yield Unlabelled(path.stem, [{"role": "sar", "path": str(path)}])
    ontario = data / "s1s2_snow_ontario_1class/609U_541L_3_0"
    yield Unlabelled("ontario", both(f"{ontario}_S2L1C.tif", f"{ontario}_S1RTC.tif"))
    belgium = data / "sits_s1s2_monthly_belgium_unlabelled"
    for path in sorted(belgium.glob("S2_*.tif")):
        month = path.stem.removeprefix("S2_")
        sar = belgium / f"S1_{month}.tif"
        yield Unlabelled(f"belgium_{month}", both(path, sar) if has_data(path) else both(None, sar))
    for date in ("2015-07-11", "2015-08-30", "2015-09-09"):  # the clear ones
        path = data / f"sits_s2_lulc_slovenia/S2L1C_{date}.tif"
        yield Unlabelled(f"slovenia_{date}", [{"role": "optical", "path": str(path)}])
    for seed in range(SIMULATED):
        folder = work / f"simulated_{seed}"
        folder.mkdir(exist_ok=True)
        scene = simulate(str(folder), seed=1000 + seed, size=256)
        yield Unlabelled(folder.name, both(scene.optical, scene.sar))


def both(optical: Path | str | None, sar: Path | str) -> list[dict[str, Any]]:
    """Returns an optical and a SAR source, or the SAR one alone."""
    radar = [{"role": "sar", "path": str(sar)}]
    return [{"role": "optical", "path": str(optical)}, *radar] if optical else radar


def has_data(path: Path) -> bool:
    """Whether any pixel of a raster is valid."""
    with rasterio.open(path) as dataset:
        return bool(dataset.dataset_mask().any())


def chips(folder: Path, work: Path) -> Iterator[Unlabelled]:
    """Writes the chips, which are numpy files, as GeoTIFF side by side in some place; their own is not known."""
    for number, entry in enumerate(json.loads((folder / "index.json").read_text(encoding="utf-8"))):
        arrays = np.load(folder / entry["file"])
        name = f"chip_{number:02d}"
        sources = []
        if "s2" in arrays and entry.get("s2_level"):
            path = work / f"{name}_S2{entry['s2_level']}.tif"
            write(path, arrays["s2"], entry["s2_bands"], number, entry["date"])
            offset = 0.0 if entry["offset_removed"] else 1000.0
            sources.append({"role": "optical", "path": str(path), "offset": offset})
        if "s1" in arrays and entry.get("s1_units") == "dB":
            path = work / f"{name}_S1GRD.tif"
            write(path, arrays["s1"].astype(np.float32), entry["s1_pols"], number, entry["date"])
            sources.append({"role": "sar", "path": str(path), "units": "db"})
        if sources:
            yield Unlabelled(name, sources)


def write(path: Path, image: np.ndarray, bands: list[str], place: int, date: str | None) -> None:
    """Writes (band, y, x) with 10 m pixels."""
    profile = {
        "driver": "GTiff", "width": image.shape[2], "height": image.shape[1], "count": len(image),
        "dtype": image.dtype, "crs": "EPSG:32633", "tiled": True, "compress": "deflate",
        "transform": from_origin(500_000 + 20_000 * place, 5_000_000, 10, 10),
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as dataset:
        dataset.write(image)
        if date:
            dataset.update_tags(date=str(date))
        for index, band in enumerate(bands, 1):
            dataset.set_band_description(index, band)


def _say(event: dict[str, Any]) -> None:
    if event["event"] == "log":
        print(event["message"], flush=True)
    elif event["event"] == "metric" and event["values"]["step"] % 100 == 0:
        print({name: round(value, 4) for name, value in event["values"].items()}, flush=True)


if __name__ == "__main__":
    main()
