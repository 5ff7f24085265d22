"""Seconds from a drawn label to the new preview: of the first one, cold and warm, and of label changes after it.

    ./dev shell benchmarks/sketch.py [--data FOLDER] [--changes 20] [--window]

The engine is started as QGIS starts it, as a process of its own that is asked for one job after the other. Labels are
squares of 5 × 5 pixels at random places of one class; each change adds one. Scenes are a simulated one of 1024 × 1024
pixels, of which 512 × 512 are on screen, and, with the folder of real data, one of Sentinel-1 and Sentinel-2.

With `--window` a real QGIS on a virtual display works with the dock instead, and what is printed is how long its window
did not answer (`benchmarks/gaps.py`): during the first preview, label changes, panning, training and mapping.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import rasterio
import shapely
from landsketch.core.simulate import simulate
from numpy.typing import NDArray
from rasterio.windows import Window, bounds

SCREEN = 512
SQUARE = 5
FIRST_LABELS = 24
BRAZIL = "s1s2_lulc_brazil/282D_485L_3_3"


@dataclass(frozen=True)
class Case:
    """A scene with places to label on it.

    Attributes:
        name: For people.
        sources: As in the spec.
        extent: What is on screen.
        squares: Places to label, in random order.
        classes: Their classes.
    """

    name: str
    sources: list[dict[str, Any]]
    extent: dict[str, Any]
    squares: NDArray[Any]
    classes: NDArray[np.int64]

    def labels(self, path: Path, count: int) -> dict[str, Any]:
        """Writes the first labels as a layer."""
        pyogrio.raw.write(
            str(path), shapely.to_wkb(self.squares[:count]), [self.classes[:count]], ["class"],
            geometry_type="Polygon", crs=self.extent["crs"], driver="GPKG",
        )  # fmt: skip
        return {"path": str(path), "field": "class"}

    def of_two_classes(self) -> list[list[tuple[float, float, float, float]]]:
        """Returns the bounds of the places of the two most frequent classes."""
        frequent = np.argsort(np.bincount(self.classes))[-2:]
        return [[place.bounds for place in self.squares[self.classes == value][:64]] for value in frequent]


class Engine:
    """The engine's process."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._count = 0

    def run(self, spec: dict[str, Any]) -> tuple[dict[str, Any], float]:
        """Runs a sketch, and returns its result and the seconds until that arrived."""
        requests, events = self._process.stdin, self._process.stdout
        assert requests is not None and events is not None
        self._count += 1
        started = time.perf_counter()
        requests.write(json.dumps({"id": self._count, "job": "sketch", "spec": spec}).encode() + b"\n")
        requests.flush()
        for line in events:
            event = json.loads(line)
            if event["event"] == "error":
                raise RuntimeError(event["message"])
            if event["event"] == "result":
                return event["result"], time.perf_counter() - started
        raise RuntimeError("The engine ended.")


@contextmanager
def engine() -> Iterator[Engine]:
    """Starts the engine."""
    command = [sys.executable, "-m", "landsketch", "worker"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield Engine(process)
        process.terminate()


def main() -> None:
    """Prints a line for each scene and encoder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with the real scene and the published encoder")
    parser.add_argument("--changes", type=int, default=20)
    parser.add_argument("--window", action="store_true", help="measure how long QGIS's window does not answer")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        made = simulate(text, size=2 * SCREEN)
        cases = [case_of("simulated", made.optical, made.sar, made.reference)]
        encoders = {"default": ""}
        if arguments.data:
            stem = str(arguments.data / BRAZIL)
            cases.append(case_of("Brazil", f"{stem}_S2L2A.tif", f"{stem}_S1RTC.tif", f"{stem}_LULC.tif"))
            encoders["Galileo-nano"] = str(arguments.data / "checkpoints/galileo-nano/encoder.pt")
        if arguments.window:
            for case in cases:
                in_window(case, folder / f"{case.name}-window", arguments.changes)
            return
        for case in cases:
            for name, checkpoint in encoders.items():
                measure(case, name, checkpoint, folder / f"{case.name}-{name}", arguments.changes)


def case_of(name: str, optical: str, sar: str, reference: str) -> Case:
    """Chooses what is on screen, and places to label there."""
    with rasterio.open(reference) as dataset:
        truth, transform, crs = dataset.read(1), dataset.transform, dataset.crs.to_string()
    height, width = (min(side, SCREEN) for side in truth.shape)
    screen = Window((truth.shape[1] - width) // 2, (truth.shape[0] - height) // 2, width, height)
    generator = np.random.default_rng(0)
    squares, classes = [], []
    for _ in range(4000):
        row = screen.row_off + int(generator.integers(height - SQUARE))
        column = screen.col_off + int(generator.integers(width - SQUARE))
        found = np.unique(truth[row : row + SQUARE, column : column + SQUARE])
        if found.size == 1 and found[0]:
            squares.append(shapely.box(*bounds(Window(column, row, SQUARE, SQUARE), transform)))
            classes.append(int(found[0]))
    sources = [{"role": "optical", "path": optical}, {"role": "sar", "path": sar}]
    extent = {"bounds": list(bounds(screen, transform)), "crs": crs}
    return Case(name, sources, extent, np.array(squares, dtype=object), np.array(classes, np.int64))


def measure(case: Case, name: str, checkpoint: str, folder: Path, changes: int) -> None:
    """Measures one encoder on one scene."""
    folder.mkdir()
    spec = {
        "sources": case.sources, "extent": case.extent, "checkpoint": checkpoint, "device": "cpu",
        "labels": case.labels(folder / "labels.gpkg", FIRST_LABELS), "output": str(folder / "preview.tif"),
        "confidence": str(folder / "confidence.tif"), "margin": str(folder / "margin.tif"),
    }  # fmt: skip
    begun = time.perf_counter()
    with engine() as running:
        running.run(spec | {"cache": str(folder / "cold")})
        cold = time.perf_counter() - begun
        _, warm = running.run(spec | {"cache": str(folder / "warm")})
        seconds, parts = [], []
        for change in range(changes):
            labels = case.labels(folder / f"labels{change}.gpkg", FIRST_LABELS + 1 + change)
            result, taken = running.run(spec | {"cache": str(folder / "warm"), "labels": labels})
            seconds.append(taken)
            parts.append(result["seconds"])
    medians = ", ".join(f"{part} {np.median([one[part] for one in parts]):.2f}" for part in parts[0])
    print(
        f"{case.name:10} {name:13} first preview: cold {cold:5.1f} s, warm {warm:5.1f} s; after a label change: median "
        f"{np.median(seconds):.2f} s ({medians}), longest {max(seconds):.2f} s, of {changes}",
        flush=True,
    )


def in_window(case: Case, folder: Path, changes: int) -> None:
    """Has QGIS work with the dock, and prints how long its window did not answer."""
    root = Path(__file__).resolve().parents[1]
    plugins = folder / "profiles/default/python/plugins"
    plugins.mkdir(parents=True)
    (plugins / "landsketch").symlink_to(root, target_is_directory=True)
    settings = folder / "profiles/default/QGIS"
    settings.mkdir()
    for version in (3, 4):
        (settings / f"QGIS{version}.ini").write_text("[PythonPlugins]\nlandsketch=true\n", encoding="utf-8")
    task = {
        **{source["role"]: source["path"] for source in case.sources}, "squares": case.of_two_classes(),
        "changes": changes, "folder": str(folder), "timeout": 900,
        "tools": [str(root / "tests/e2e"), str(root / "benchmarks")],
    }  # fmt: skip
    (folder / "task.json").write_text(json.dumps(task), encoding="utf-8")
    own = {
        "QGIS_CUSTOM_CONFIG_PATH": str(folder), "LANDSKETCH_E2E": str(folder / "task.json"), "QT_QPA_PLATFORM": "xcb",
        "LANDSKETCH_HOME": str(folder / "home"), "LANDSKETCH_PYTHON": sys.executable, "XDG_RUNTIME_DIR": str(folder),
        **{f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "CACHE", "DATA")},
    }  # fmt: skip
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PROJ_", "GDAL_"))}
    qgis = ["qgis.bin", "--nologo", "--noversioncheck", "--profiles-path", str(folder), "--code"]
    subprocess.run(
        ["xvfb-run", "-a", "-s", "-screen 0 1440x900x24", *qgis, str(root / "benchmarks/in_qgis.py")],
        env=kept | own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    told = json.loads((folder / "outcome.json").read_text(encoding="utf-8"))
    print(f"{case.name}: load {os.getloadavg()[0]:.1f}; {told['error'] or 'all went through'}")
    print(
        f"  first preview after {told.get('first', 0):.1f} s, after a change {np.median(told.get('changes', 0)):.2f} s"
    )
    for part, found in told.get("gaps", {}).items():
        in_ms = ", ".join(f"{title} {1000 * found[title]:.0f}" for title in ("median", "most"))
        print(f"  {part}: ms without an answer: {in_ms}, longest {1000 * found['longest'][0]['seconds']:.0f}")
        for gap in found["longest"]:
            if gap["seconds"] > 0.1:
                where = gap["ours"] or gap["inside"] or "QGIS itself"
                print(f"    {1000 * gap['seconds']:.0f} ms, {1000 * gap['own']:.0f} of them computing: {where}")


if __name__ == "__main__":
    main()
