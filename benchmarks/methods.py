"""Does pretraining help with few labels? Every method of pretraining against the same network without it.

    ./dev shell benchmarks/methods.py --data FOLDER --work FOLDER [--steps 400] [--draws 3] [--methods 3dmae simclr]

Each method learns from the unlabelled images of three places, two of which are then mapped from a few labels. Frozen,
with the light head, stand the pretrained encoder and an untrained one of the same architecture; trained in full on the
labels alone stands that architecture from scratch. Labels are drawn from one half of a checkerboard and tested on the
other, the same draws for all (see `fewlabels.py`). What is finished is kept in the work folder and not done again.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import landsketch.core.jobs  # noqa: F401 - first, since it says how threads wait before torch is imported
import numpy as np
import rasterio
import torch
from fewlabels import SCENES, Predictor, draws_of, forest_on, frozen_features, light_head_on, raw_bands
from landsketch.core.card_files import read_card
from landsketch.core.chips import ChipDataset
from landsketch.core.jobs import run_job
from landsketch.core.labels import Labels
from landsketch.core.legend import ClassLegend
from landsketch.core.linear import class_weights
from landsketch.core.monitoring import Monitor
from landsketch.core.progress import Reporter
from landsketch.core.scenes import Scene, open_scene
from landsketch.core.specs import AUGMENTATIONS, SourceSpec
from landsketch.core.starts import UNTRAINED, frozen_start
from landsketch.core.tiles import plan_tiles
from landsketch.core.training import train_segmenter
from landsketch.core.windows import read_window
from landsketch.models.adaptation.trained import everything
from landsketch.models.augmentation import Augmentation
from landsketch.models.checkpoints import save_checkpoint
from landsketch.models.losses import SegmentationLoss
from landsketch.models.segmenter import Segmenter, build_encoder
from numpy.typing import NDArray
from rasterio.windows import Window
from sklearn.metrics import f1_score, jaccard_score

UNLABELLED = (*SCENES.values(), "s1s2_snow_ontario_1class/609U_541L_3_0")
FILES = {"optical": "S2L1C", "sar": "S1RTC"}
BATCH = 16

Way = Callable[[Scene, Path, argparse.Namespace], Predictor]
"""From a scene, a row's checkpoint and the arguments to what learns from drawn pixels."""


@dataclass(frozen=True)
class Row:
    """A pretrained encoder to judge.

    Attributes:
        method: As in `PretrainSpec`.
        network: As in `PretrainSpec`.
        window: As in `PretrainSpec`.
        options: The method's options.
        learned: Roles that it is pretrained on.
        mapped: Roles from which maps are made then.
    """

    method: str
    network: str
    window: int = 0
    options: dict[str, Any] = field(default_factory=dict)
    learned: tuple[str, ...] = ("optical", "sar")
    mapped: tuple[str, ...] = ("optical", "sar")

    @property
    def name(self) -> str:
        """Tells pretrained encoders apart, in words that make a file name."""
        words = [self.method, *map(str, self.options.values()), self.network]
        return "-".join([*words, *(self.learned if len(self.learned) == 1 else ())])


ROWS = (
    *(Row("3dmae", "nano", 0, {"strategy": strategy}) for strategy in ("3DM", "RM", "RC", "RM+RC")),
    Row("stmim", "swin-nano"),
    Row("simclr", "swin-nano", 64),
    Row("dual-simclr", "swin-nano", 64),
    Row("mma", "swin-nano", 64),
    Row("gcc-rs", "swin-nano", 64),
    Row("byol", "resnet18", 64),
    Row("simsiam", "resnet18", 64),
    Row("distillation", "stack-conv"),
    # What the seed claims of 3DMAE: learned from both, it maps radar images alone better than learned from radar.
    Row("3dmae", "nano", 0, {"strategy": "3DM"}, mapped=("sar",)),
    Row("3dmae", "nano", 0, {"strategy": "3DM"}, ("sar",), ("sar",)),
)


def main() -> None:
    """Pretrains, judges, and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the scenes and checkpoints")
    parser.add_argument("--work", type=Path, required=True, help="folder for checkpoints and results")
    parser.add_argument("--methods", nargs="+", default=sorted({row.method for row in ROWS}))
    parser.add_argument("--labels", type=int, nargs="+", default=[10, 50], help="labelled pixels per class")
    parser.add_argument("--draws", type=int, default=4)
    parser.add_argument("--scratch", type=int, default=2, help="draws of training from scratch; 0: none")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--epochs", type=int, default=25, help="of training from scratch, each 8 updates or more")
    parser.add_argument("--device", default="auto")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    scores = Scores(arguments.work / "scores.json")
    rows = [row for row in ROWS if row.method in arguments.methods]
    for row in rows:
        pretrained(row, arguments)
    for way in WAYS:  # training from scratch, which takes longest, comes last
        draws = arguments.scratch if way == "from scratch" else arguments.draws
        for row in rows if draws else ():
            for scene in SCENES:
                key = key_of(way, row, scene, arguments.work)
                if not scores.has(key, arguments.labels, draws):
                    scores.add(key, judge(arguments, row, scene, draws, WAYS[way]))
                show(f"{scene:8} {'+'.join(row.mapped):12} {row.name:32} {way}", scores.of(key), arguments.labels)
    table(scores, rows, arguments)


def key_of(way: str, row: Row, scene: str, work: Path) -> list[str]:
    """Tells results apart: methods that share a network share what it does untrained."""
    if way == "random forest":
        which = ""
    elif way == "pretrained, frozen":
        which = row.name
    else:
        which = json.dumps([read_card(str(checkpoint_of(row, work))).architecture, row.learned])
    return [scene, "+".join(row.mapped), way, which]


def checkpoint_of(row: Row, work: Path) -> Path:
    """Returns where a row's checkpoint lies."""
    return work / f"{row.name}.safetensors"


def pretrained(row: Row, arguments: argparse.Namespace) -> None:
    """Makes the checkpoint of a row, where it is not there yet."""
    output = checkpoint_of(row, arguments.work)
    if output.exists():
        return
    job = {
        "scenes": [{"sources": images(arguments, stem, row)} for stem in UNLABELLED],
        "method": row.method,
        "network": row.network,
        "window": row.window,
        "options": row.options,
        "steps": arguments.steps,
        "batch": BATCH,
        "output": str(output),
        "report": str(output.with_suffix(".html")),
        "device": arguments.device,
    }
    print("Pretraining", row.name, flush=True)
    run_job("pretrain", job, Reporter())


def images(arguments: argparse.Namespace, stem: str, row: Row) -> list[dict[str, str]]:
    """Returns the sources of a place, with the teacher's features where the method needs them."""
    found = [{"role": role, "path": f"{arguments.data / stem}_{FILES[role]}.tif"} for role in row.learned]
    if row.method != "distillation":
        return found
    features: Path = arguments.work / f"{Path(stem).name}_galileo.tif"
    if not features.exists():
        teacher = str(arguments.data / "checkpoints/galileo-nano/encoder.pt")
        embed = {"checkpoint": teacher, "sources": found, "output": str(features), "stored": "float16"}
        run_job("embed", embed, Reporter())
    return [*found, {"role": "embedding", "path": str(features)}]


def judge(arguments: argparse.Namespace, row: Row, scene: str, draws: int, way: Way) -> dict[str, list[list[float]]]:
    """Returns macro-F1 and mean IoU of each draw, by labels per class."""
    stem = arguments.data / SCENES[scene]
    sources = tuple(SourceSpec(role, f"{stem}_{FILES[role]}.tif") for role in row.mapped)
    with rasterio.open(f"{stem}_LULC.tif") as dataset:
        reference = dataset.read(1)
    found: dict[str, list[list[float]]] = {}
    with open_scene(sources) as opened:
        predict = way(opened, checkpoint_of(row, arguments.work), arguments)
        for labels in arguments.labels:
            found[str(labels)] = []
            for drawn, truth, tested, seed in draws_of(reference, labels, draws):
                predicted = predict(drawn, truth[drawn].astype(np.int64), seed)[tested]
                measures = (f1_score, jaccard_score)
                found[str(labels)].append([float(m(truth[tested], predicted, average="macro")) for m in measures])
    return found


def frozen(scene: Scene, checkpoint: Path, _: argparse.Namespace) -> Predictor:
    """The features of an encoder with the light head, as fine-tuning uses them by default."""
    return light_head_on(frozen_features(scene, str(checkpoint)))


def untrained(scene: Scene, checkpoint: Path, arguments: argparse.Namespace) -> Predictor:
    """The same with the weights that the encoder started with."""
    return frozen(scene, without_learning(checkpoint), arguments)


def without_learning(checkpoint: Path) -> Path:
    """Writes the same network with the weights that it started with."""
    card, path = read_card(str(checkpoint)), checkpoint.with_name(f"untrained-{checkpoint.name}")
    torch.manual_seed(0)
    unlearned = replace(card, provenance=card.provenance | {"method": UNTRAINED})
    save_checkpoint(str(path), build_encoder(card.architecture, card.sources), unlearned)
    return path


def forest(scene: Scene, checkpoint: Path, arguments: argparse.Namespace) -> Predictor:
    """A random forest on the raw bands."""
    return forest_on(raw_bands(scene))


def from_scratch(scene: Scene, checkpoint: Path, arguments: argparse.Namespace) -> Predictor:
    """The same network, trained in full on the labels."""
    unlearned = without_learning(checkpoint)

    def predict(drawn: NDArray[np.int64], classes: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
        torch.manual_seed(seed)
        start = frozen_start(str(unlearned), scene, seed)
        known, indices = np.unique(classes, return_inverse=True)
        rows, columns = np.divmod(drawn, scene.grid.width)
        everywhere = np.stack([columns, rows], axis=1).astype(float)
        legend = ClassLegend.from_names([str(value) for value in known])
        labels = Labels(legend, indices, everywhere, rows, columns, np.arange(drawn.size))
        network = start.network(known.size)
        varied = Augmentation(AUGMENTATIONS["turns"], start.sources)
        chips = ChipDataset(scene, start.sources, labels, np.ones(drawn.size, bool), start.encoder, varied)
        weights = torch.tensor(class_weights(chips.class_totals(known.size)), dtype=torch.float32)
        loss = SegmentationLoss("cross-entropy", weights)
        device = torch.device("cpu")
        monitor = Monitor(Reporter(), legend.names)
        train_segmenter(network, chips, None, everything(network), loss, arguments.epochs, seed, device, monitor)
        return known[mapped(scene, start.sources, network)]

    return predict


@torch.inference_mode()
def mapped(scene: Scene, sources: Any, network: Segmenter) -> NDArray[np.int64]:
    """Returns the class index of every pixel, row by row."""
    encoder = network.encoder
    plan = plan_tiles(scene.grid, encoder.chip, encoder.halo, 0, encoder.alignment)
    found = np.zeros(scene.grid.shape, np.int64)
    for tiles in plan.rows(Window(0, 0, scene.grid.width, scene.grid.height)):
        for tile in tiles:
            read = read_window(scene, sources, plan.window(tile))
            logits = network({role: torch.from_numpy(image)[None] for role, image in read.items()})[0]
            inner = logits.argmax(dim=0)[plan.halo :, plan.halo :][: plan.side, : plan.side].numpy()
            part = found[tile.row : tile.row + plan.side, tile.column : tile.column + plan.side]
            part[:] = inner[: part.shape[0], : part.shape[1]]
    return found.ravel()


class Scores:
    """What was measured so far, in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def has(self, key: list[str], labels: list[int], draws: int) -> bool:
        """Whether it was measured with as many labels and draws."""
        found = self.known.get(json.dumps(key), {})
        return all(len(found.get(str(count), ())) >= draws for count in labels)

    def add(self, key: list[str], found: dict[str, list[list[float]]]) -> None:
        """Keeps it."""
        self.known[json.dumps(key)] = found
        self.path.write_text(json.dumps(self.known, indent=1), encoding="utf-8")

    def of(self, key: list[str]) -> dict[str, list[list[float]]]:
        """Returns macro-F1 and mean IoU of each draw, by labels per class."""
        found: dict[str, list[list[float]]] = self.known[json.dumps(key)]
        return found


def show(name: str, found: dict[str, list[list[float]]], labels: list[int]) -> None:
    """Prints the means of one way on one scene."""
    means = [np.mean(found[str(count)], axis=0) for count in labels]
    print(
        f"{name:75}", *(f"{count}: F1 {f1:.3f} IoU {iou:.3f} " for count, (f1, iou) in zip(labels, means, strict=True))
    )


def table(scores: Scores, rows: list[Row], arguments: argparse.Namespace) -> None:
    """Prints the means over the scenes."""
    print("\nMean over the scenes: macro-F1 / mean IoU")
    for row in rows:
        for count in arguments.labels:
            cells = []
            for way in WAYS:
                keys = [key_of(way, row, scene, arguments.work) for scene in SCENES]
                if all(scores.has(key, [count], 1) for key in keys):
                    found = [np.mean(scores.of(key)[str(count)], axis=0) for key in keys]
                    f1, iou = np.mean(found, axis=0)
                    cells.append(f"{way} {f1:.3f} / {iou:.3f}")
            print(f"{row.name:32} {'+'.join(row.mapped):12} {count:3} labels  " + "   ".join(cells))


WAYS: dict[str, Way] = {
    "pretrained, frozen": frozen,
    "untrained, frozen": untrained,
    "random forest": forest,
    "from scratch": from_scratch,
}


if __name__ == "__main__":
    main()
