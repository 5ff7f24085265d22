"""Speed of the whole classification job against other programs: useful pixels per second, and their ratios.

    ./dev shell benchmarks/peers.py [--size 2048] [--pairs 5] [--precision auto fp32 bf16]
        [--overlap 0.15] [--peer-python NAME=PYTHON] [--peer-source NAME=FOLDER]

All classify the same 12-band raster with the same untrained U-Net on the same number of threads, each in a process of
its own that first rehearses on a small raster; the clock runs from everything loaded to the file closed. A useful pixel
is a pixel of the raster, however often windows overlap on it. Each round runs every contender once, every other round
in reverse order; a ratio is the median over the rounds of LandSketch's speed over the peer's in the same round.

Peers are not installed from here; one that is absent is left out. They are looked for in this Python, in the one that
`--peer-python` names for them, and in the folder that `--peer-source` names. Everything that the peers do beyond the
network is in `benchmarks/peers/`, one file for each.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import memory
import numpy as np
import onnx
import rasterio
import torch
from landsketch.models.checkpoints import load_segmenter, save_checkpoint
from landsketch.models.segmenter import Segmenter
from numpy.typing import NDArray
from scipy.ndimage import median_filter
from torch import Tensor, nn

PROGRAMS = Path(__file__).with_name("peers")
TILE = 256
OVERLAP = 0.15
"""The peers' own default. With 0.375, their tiles have as much context, 48 pixels, as LandSketch gives this network."""

REHEARSAL = 512
DEEP = 0.02
"""What is left of the deep features."""

ALIKE = 0.95
"""Share of equal classes below which a contender cannot have computed the same thing."""


@dataclass(frozen=True)
class Contender:
    """One row of the table.

    Attributes:
        title: Its name in the table.
        program: File in `PROGRAMS`, without suffix.
        scale: Digital numbers per unit of what it feeds the network; the graph undoes it.
        options: What goes into its job besides what all get.
        peer: Its name in `--peer-python` and `--peer-source`; empty for what needs LandSketch's own Python only.
        modules: What its Python must have.
        advice: How to get it.
        median: Side of the median filter that it cannot do without; LandSketch's map is compared after the same.
    """

    title: str
    program: str
    scale: float = 1.0
    options: dict[str, Any] = field(default_factory=dict)
    peer: str = ""
    modules: tuple[str, ...] = ()
    advice: str = ""
    median: int = 0


DEEPNESS = {
    "program": "run_deepness", "scale": 255.0, "peer": "deepness",
    "modules": ("deepness", "qgis", "osgeo", "onnxruntime", "cv2"),
    "advice": "Into a virtual environment of QGIS's Python, made with --system-site-packages, install 'numpy<2', "
    "'onnxruntime<=1.17.0' and 'opencv-python-headless<=4.9.0.80'; give it as --peer-python deepness=..., and the "
    "folder src of github.com/PUTvision/qgis-plugin-deepness as --peer-source deepness=...",
}  # fmt: skip
BARE = "the network alone (ONNX Runtime, fp32)"
PEERS = {
    "bare": Contender(BARE, "run_bare"),
    "naive-onnx": Contender("loop with ONNX Runtime", "run_naive", options={"runtime": "onnxruntime"}),
    "naive-torch": Contender("loop with torch", "run_naive", options={"runtime": "torch"}),
    "deepness": Contender("Deepness, without its polygons", options={"polygons": False}, **DEEPNESS),
    "deepness-polygons": Contender("Deepness", options={"polygons": True}, **DEEPNESS),
    "geodeep": Contender(
        "GeoDeep", "run_geodeep", 65535.0, peer="geodeep", modules=("geodeep", "rasterio", "onnxruntime", "scipy"),
        advice="pip install geodeep scipy (without SciPy it falls back to a slow filter of its own).", median=5,
    ),
    "terratorch": Contender(
        "TerraTorch, tiled inference", "run_terratorch", peer="terratorch", modules=("terratorch", "rasterio", "torch"),
        advice="pip install terratorch.",
    ),
}  # fmt: skip


def main() -> None:
    """Prints the table after the last round, and each round as it ends."""
    arguments = parse()
    pythons, sources = dict(arguments.peer_python), dict(arguments.peer_source)
    ours = [own(precision, arguments.runtime) for precision in arguments.precision]
    contenders = list(ours)
    runners = {}
    for name in arguments.peers:
        contender = PEERS[name]
        runner = Runner(pythons.get(contender.peer, sys.executable), sources.get(contender.peer, ""), arguments.threads)
        if runner.has(contender.modules):
            contenders.append(contender)
            runners[contender.title] = runner
        else:
            print(f"Left out: {contender.title}. {contender.advice}", flush=True)
    default = Runner(sys.executable, "", arguments.threads)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shared = make_inputs(folder, arguments.size, contenders, arguments.overlap)
        shared |= {"threads": arguments.threads, "overlap": arguments.overlap}
        rounds: list[dict[str, float]] = []
        for index in range(arguments.pairs):
            seconds = {}
            for contender in contenders[:: -1 if index % 2 else 1]:
                runner = runners.get(contender.title, default)
                seconds[contender.title] = runner.run(contender, shared, output_of(folder, contender))
            rounds.append(seconds)
            print(f"Round {index + 1}: " + ", ".join(f"{t} {s:.2f} s" for t, s in seconds.items()), flush=True)
        alike = {c.title: agreement(folder, c, ours[0]) for c in contenders if c.title != BARE}
        ran = {contender.title: runtime_of(output_of(folder, contender)) for contender in ours}
    print_table(rounds, alike, [contender.title for contender in ours], arguments)
    for title, runtime in ran.items():
        print(f"{title}: the last round ran in {runtime}.")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=2048, help="side of the raster in pixels")
    parser.add_argument("--pairs", type=int, default=5, help="rounds")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--overlap", type=float, default=OVERLAP, help="of the peers' tiles, as a share")
    parser.add_argument("--precision", nargs="+", default=["auto"], help="LandSketch's, each a row of its own")
    parser.add_argument("--runtime", default="auto", help="LandSketch's")
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=list(PEERS))
    parser.add_argument("--peer-python", action="append", default=[], type=name_and_path, metavar="NAME=PYTHON")
    parser.add_argument("--peer-source", action="append", default=[], type=name_and_path, metavar="NAME=FOLDER")
    return parser.parse_args()


def name_and_path(text: str) -> tuple[str, str]:
    """`NAME=PATH` → both."""
    name, _, path = text.partition("=")
    names = sorted({contender.peer for contender in PEERS.values()} - {""})
    if name not in names or not os.path.exists(path):
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=PATH with a path that exists and a name of {names}.")
    return name, path


def own(precision: str, runtime: str) -> Contender:
    """LandSketch with one precision."""
    return Contender(f"LandSketch, {precision}", "run_landsketch", options={"precision": precision, "runtime": runtime})


class Runner:
    """Runs contenders with one Python and at most one folder of sources."""

    def __init__(self, python: str, source: str, threads: int) -> None:
        paths = [path for path in (source, os.environ.get("PYTHONPATH", "")) if path]
        self.python = python
        self.environment = os.environ | {
            "ORT_DISABLE_TELEMETRY": "1",  # ONNX Runtime would report the run to its maker
            "PYTHONPATH": os.pathsep.join(paths),
            "OMP_NUM_THREADS": str(threads),
            "QT_QPA_PLATFORM": "offscreen",
        }

    def has(self, modules: tuple[str, ...]) -> bool:
        """Whether its Python finds all these."""
        test = f"import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, {modules!r})))"
        return not subprocess.run([self.python, "-c", test], env=self.environment, check=False).returncode

    def run(self, contender: Contender, shared: dict[str, Any], output: Path) -> float:
        """Has a contender classify; returns its seconds."""
        graph = shared["graphs"][contender.scale]
        job = shared | {"graph": graph, "tile": TILE, "output": str(output)} | contender.options
        command = [self.python, str(PROGRAMS / f"{contender.program}.py"), json.dumps(job)]
        ended = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        try:
            return json.loads(ended.stdout.splitlines()[-1])["seconds"]
        except (IndexError, ValueError, TypeError):
            raise SystemExit(f"{contender.title} failed:\n{ended.stdout[-2000:]}\n{ended.stderr[-4000:]}") from None


def make_inputs(folder: Path, size: int, contenders: list[Contender], overlap: float) -> dict[str, Any]:
    """Writes rasters, checkpoint and graphs; returns their paths as a job names them."""
    raster, rehearsal, checkpoint = (str(folder / name) for name in ("raster.tif", "small.tif", "network.safetensors"))
    memory.write_raster(raster, size)
    memory.write_raster(rehearsal, REHEARSAL)
    write_checkpoint(checkpoint, rehearsal)
    _, network = load_segmenter(checkpoint)
    graphs = {scale: str(folder / f"{scale:g}.onnx") for scale in sorted({c.scale for c in contenders})}
    for scale, path in graphs.items():
        write_graph(path, network, scale, overlap)
    return {"raster": raster, "rehearsal": rehearsal, "checkpoint": checkpoint, "graphs": graphs}


def write_checkpoint(path: str, raster: str) -> None:
    """Writes an untrained network of whose map other programs' maps can be told, where they feed it something else.

    It gives a raster all classes in about equal parts, and depends little on what changes with the position of a tile:
    the deep features, which are coarse and reach far.
    """
    torch.manual_seed(0)
    memory.write_checkpoint(path, "unet")
    card, network = load_segmenter(path)
    encoder, head = cast(Any, network.encoder), cast(Any, network.head)
    *_, coarse, fine, _ = encoder.unet.decoder.blocks
    with rasterio.open(raster) as dataset:
        image = torch.from_numpy(dataset.read(out_dtype="float32"))[None]
    with torch.no_grad():
        fine.conv1[0].weight[:, : coarse.conv2[0].out_channels] *= DEEP
        spread, mean = torch.std_mean(network({"optical": image}), dim=(0, 2, 3))
    head.assign(head.maps[0].weight[:, :, 0, 0] / spread[:, None], -mean / spread)
    save_checkpoint(path, network, card)


class Graph(nn.Module):
    """What the peers get: scaled digital numbers → probabilities (batch, class, y, x), our normalisation inside."""

    def __init__(self, network: Segmenter, scale: float) -> None:
        super().__init__()
        self.network = network
        self.scale = scale

    def forward(self, image: Tensor) -> Tensor:
        """(batch, band, y, x) as the peer scales it → (batch, class, y, x)."""
        numbers = image if self.scale == 1 else image * self.scale
        return self.network({"optical": numbers}).softmax(dim=1)


def write_graph(path: str, network: Segmenter, scale: float, overlap: float) -> None:
    """Exports the network, with the metadata that Deepness and GeoDeep read.

    The tile's side is fixed: GeoDeep takes it from the graph's input.
    """
    image = torch.zeros(1, len(memory.BANDS), TILE, TILE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that this exporter is the older one, and that it reads sizes as constants
        torch.onnx.export(
            Graph(network, scale).eval(), (image,), path, dynamo=False, opset_version=17,
            input_names=["image"], output_names=["probabilities"],
            dynamic_axes={"image": {0: "batch"}, "probabilities": {0: "batch"}},
        )  # fmt: skip
    graph = onnx.load(path)
    values = {
        "model_type": "Segmentor",
        "class_names": {str(i): f"class {i}" for i in range(memory.CLASSES)},
        "resolution": 1000,  # cm per pixel
        "tile_size": TILE,
        "tiles_size": TILE,
        "tiles_overlap": round(100 * overlap),
        "seg_thresh": 0,
        "seg_small_segment": 0,
    }
    onnx.helper.set_model_props(graph, {key: json.dumps(value) for key, value in values.items()})
    onnx.save(graph, path)


def output_of(folder: Path, contender: Contender) -> Path:
    return folder / f"{contender.title}.tif".replace(" ", "-")


def agreement(folder: Path, contender: Contender, ours: Contender) -> float:
    """Share of the pixels where a contender's last map has LandSketch's class."""
    map_, reference = (read(output_of(folder, which)) for which in (contender, ours))
    if contender.median:
        reference = median_filter(reference, contender.median)
    return float(np.mean(map_ == reference))


def read(path: Path) -> NDArray[np.uint8]:
    with rasterio.open(path) as dataset:
        return dataset.read(1)


def runtime_of(path: Path) -> str:
    """What LandSketch says that it computed a map with, which need not be the precision that was asked for."""
    with rasterio.open(path) as dataset:
        return dataset.tags().get("LANDSKETCH_RUNTIME", "a runtime that the map does not name")


def print_table(
    rounds: list[dict[str, float]], alike: dict[str, float], ours: list[str], arguments: argparse.Namespace
) -> None:
    """Prints speeds, and how much faster LandSketch is in each of its precisions."""
    pixels = arguments.size**2
    print(f"\n{arguments.size} x {arguments.size} pixels, {arguments.threads} threads, medians of {len(rounds)} rounds")
    print(f"{'':40} {'Mpx/s':>6} {'alone':>6} {'equal':>8}" + "".join(f" {title:>24}" for title in ours))
    for title in rounds[0]:
        rate = np.median([pixels / seconds[title] for seconds in rounds]) / 1e6
        share = f"{ratio(rounds, title, BARE)[0]:6.2f}" if BARE in rounds[0] else " " * 6
        equal = f"{100 * alike[title]:7.2f}%" if title in alike else " " * 8
        faster = "".join("{:9.2f} ({:5.2f}-{:5.2f})".format(*ratio(rounds, our, title)).rjust(25) for our in ours)
        print(f"{title:40} {rate:6.3f} {share} {equal}{faster}")
    print("alone: speed over that of the network alone; equal: pixels of LandSketch's class; then LandSketch's speed")
    print("over the row's, with the lowest and highest of the rounds.")
    for title, share in alike.items():
        if share < ALIKE:
            print(f"Warning: the map of '{title}' is another one; its time says nothing.")


def ratio(rounds: list[dict[str, float]], title: str, other: str) -> tuple[float, float, float]:
    """Median, lowest and highest of one's speed over another's."""
    ratios = [seconds[other] / seconds[title] for seconds in rounds]
    return float(np.median(ratios)), min(ratios), max(ratios)


if __name__ == "__main__":
    main()
