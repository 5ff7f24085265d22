"""The main job, end to end, through `qgis_process`: fine-tune, classify, assess.

Without arguments it makes a simulated scene first. See `./dev demo --help`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio

from .core.picture import render
from .core.simulate import simulate
from .core.specs import VectorSpec

ROOT = Path(__file__).resolve().parent
REAL_DATA = ROOT.parent / "shared" / "data"


@dataclass(frozen=True)
class Inputs:
    """What the demo runs on; empty where there is none.

    Attributes:
        optical: Optical raster.
        sar: SAR raster.
        labels: Drawn labels.
        field: Their class field.
        reference: Reference to assess the map with: raster, or features with `reference_field`.
        reference_field: Class field of the reference features.
        checkpoint: Checkpoint to start from.
    """

    optical: str
    sar: str
    labels: str
    field: str
    reference: str
    reference_field: str = ""
    checkpoint: str = ""


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the demo and prints what it made."""
    options = _parser().parse_args(arguments)
    folder = Path(options.output).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    inputs = _inputs(options, folder)
    started = time.monotonic()
    checkpoint, class_map = folder / "checkpoint.safetensors", folder / "map.tif"
    images = {"OPTICAL": inputs.optical, "SAR": inputs.sar}
    run_algorithm(
        "finetune",
        images | {"LABELS": inputs.labels, "CLASS_FIELD": inputs.field, "CHECKPOINT": inputs.checkpoint}
        | {"MODE": options.mode, "SEED": str(options.seed)}
        | {"OUTPUT": str(checkpoint), "REPORT": str(folder / "finetune.html")},
    )  # fmt: skip
    run_algorithm(
        "classify",
        images
        | {"CHECKPOINT": str(checkpoint), "OUTPUT": str(class_map), "CONFIDENCE": str(folder / "confidence.tif")},
    )
    if inputs.reference:
        metrics = folder / "assessment.json"
        run_algorithm(
            "assess",
            {"MAP": str(class_map), "REFERENCE": inputs.reference, "REFERENCE_FIELD": inputs.reference_field}
            | {"JSON": str(metrics), "HTML": str(folder / "assessment.html")},
        )  # fmt: skip
        print_metrics(metrics)
    picture = folder / "map.png"
    labels = VectorSpec(inputs.labels, field=inputs.field)
    render(str(picture), str(class_map), inputs.optical, inputs.sar, labels, title="LandSketch demo")
    print(f"\n{time.monotonic() - started:.0f} s in all. Written to {os.path.relpath(folder)}:")
    for file in sorted(folder.iterdir()):
        if not file.name.startswith("."):
            print(f"  {file.name}")


def run_algorithm(name: str, parameters: dict[str, str]) -> None:
    """Runs one LandSketch algorithm with `qgis_process`, as a user on a server would; leaves empty parameters out.

    Raises:
        SystemExit: If it failed.
    """
    given = [f"--{key}={value}" for key, value in parameters.items() if value]
    command = [_qgis_process(), "run", f"landsketch:{name}", *given]
    print(f"\n$ {' '.join(command)}", flush=True)
    # QGIS prints its own remarks on standard error; the algorithm's feedback comes with it.
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    environment.pop("PYTHONPATH", None)  # the engine's packages are not for QGIS's Python
    done = subprocess.run(command, env=environment, check=False)
    if done.returncode:
        raise SystemExit(f"landsketch:{name} failed.")


def print_metrics(path: Path) -> None:
    """Prints the headline and the per-class table of an assessment."""
    metrics = json.loads(path.read_text(encoding="utf-8"))["metrics"]
    print(f"\n{'class':<24}{'precision':>10}{'recall':>10}{'F1':>10}{'IoU':>10}{'pixels':>10}")
    for entry in metrics["classes"]:
        values = "".join(
            f"{'-' if entry[k] is None else format(entry[k], '.3f'):>10}" for k in ("precision", "recall", "f1", "iou")
        )
        print(f"{entry['name']:<24}{values}{entry['support']:>10}")
    macro = metrics["macro"]
    print(f"{'mean of the classes':<24}" + "".join(f"{macro[k]:>10.3f}" for k in ("precision", "recall", "f1", "iou")))
    print(f"\noverall accuracy {metrics['oa']:.3f}, kappa {metrics['kappa']:.3f}")


def real_scene(name: str, folder: Path) -> Inputs:
    """Returns a real Sentinel scene with a few drawn polygons, and a reference in its other half.

    Raises:
        SystemExit: If there is none of that name.
    """
    tasks = {path.parent.parent.name: path for path in sorted(REAL_DATA.glob("*/task/task.json"))}
    found = [key for key in tasks if key == name or key.split("_")[-1] == name]
    if not found:
        known = ", ".join(sorted(key.split("_")[-1] for key in tasks)) or f"none, since {REAL_DATA} does not exist"
        raise SystemExit(f"There is no real scene '{name}'. Known ones: {known}.")
    task = tasks[found[0]].parent
    rasters = sorted(task.parent.glob("*.tif"))
    # Galileo was pretrained on Level-1C.
    optical = [path for path in rasters if "S2L1C" in path.name] or [path for path in rasters if "S2" in path.name]
    sar = [path for path in rasters if "S1" in path.name]
    galileo = REAL_DATA / "checkpoints" / "galileo-nano" / "encoder.pt"
    return Inputs(
        optical=str(min(optical, key=_cloud_share)),
        sar=str(sar[0]) if sar else "",
        labels=str(task / "train_polys.gpkg"),
        field="class",
        reference=_test_half(task, folder),
        checkpoint=str(galileo) if galileo.exists() else "",
    )


def _inputs(options: argparse.Namespace, folder: Path) -> Inputs:
    if options.real:
        inputs = real_scene(options.real, folder)
    elif options.optical or options.sar:
        if not options.labels:
            raise SystemExit("--labels is needed with --optical and --sar.")
        inputs = Inputs(
            options.optical, options.sar, options.labels, options.field, options.reference, options.reference_field
        )
    else:
        scene = simulate(str(folder), seed=options.seed, size=options.size)
        inputs = Inputs(scene.optical, scene.sar, scene.labels, "class", scene.reference)
    return Inputs(**{**vars(inputs), "checkpoint": options.checkpoint or inputs.checkpoint})


def _cloud_share(path: Path) -> float:
    """Share of cloudy pixels by the mask `CLOUD_...` beside a dated file; 0 where there is no mask."""
    mask = path.with_name(path.name.replace("S2L1C", "CLOUD"))
    if mask == path or not mask.exists():
        return 0.0
    with rasterio.open(mask) as dataset:
        return float((dataset.read(1) > 0).mean())


def _test_half(task: Path, folder: Path) -> str:
    """Writes the reference of the half in which no label was drawn."""
    with rasterio.open(task / "labels.tif") as labels, rasterio.open(task / "split.tif") as split:
        reference = np.where(split.read(1) == 2, labels.read(1), 0).astype(np.uint8)
        profile = labels.profile | {"nodata": 0, "compress": "deflate"}
    path = folder / "reference.tif"
    with rasterio.open(path, "w", **profile) as dataset:
        dataset.write(reference, 1)
    return str(path)


def _qgis_process() -> str:
    """Debian's wrapper passes an option that its own binary does not know, so the binary comes first."""
    for name in (os.environ.get("QGIS_PROCESS", ""), "qgis_process.bin", "qgis_process"):
        found = shutil.which(name)
        if found:
            return found
    raise SystemExit("qgis_process was not found; install QGIS.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev demo", description=__doc__)
    parser.add_argument(
        "--real", metavar="NAME", default="", help="a real scene of ../shared/data: brazil, denmark, slovenia"
    )
    parser.add_argument("--optical", default="", help="your optical raster")
    parser.add_argument("--sar", default="", help="your SAR raster")
    parser.add_argument("--labels", default="", help="your drawn labels")
    parser.add_argument("--field", default="class", help="class field of the labels")
    parser.add_argument("--reference", default="", help="reference raster or features for the assessment")
    parser.add_argument("--reference-field", default="", help="class field of reference features")
    parser.add_argument("--checkpoint", default="", help="checkpoint to start from")
    parser.add_argument("--mode", default="frozen", choices=("frozen", "decoder", "full"))
    parser.add_argument("--size", type=int, default=512, help="side of the simulated scene in pixels")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", default="demo", help="folder for the results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
