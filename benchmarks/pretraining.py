"""What pretraining costs besides the network: windows per second of the whole loop against the bare training step.

    ./dev shell benchmarks/pretraining.py [--pairs 5] [--steps 40] [--methods 3dmae stmim dual-simclr]

On a simulated Sentinel-1 + Sentinel-2 scene, compressed as products are. The bare step does forward, backward and
update on batches that lie in memory; the loop draws its windows from the files. Both are timed in turns, and the first
steps of each are left out.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import landsketch.core.jobs  # noqa: F401 - first, since it says how threads wait before torch is imported
import torch
from landsketch.core.pretraining.places import Place, place_of
from landsketch.core.pretraining.statistics import cards_of
from landsketch.core.pretraining.stepped import SteppedScene
from landsketch.core.pretraining.training import Windows, train
from landsketch.core.progress import Reporter
from landsketch.core.scenes import open_scene
from landsketch.core.simulate import simulate
from landsketch.core.specs import SourceSpec
from landsketch.models.pretraining.method import Schedule
from landsketch.models.pretraining.recipes import recipe
from torch.utils.data import default_collate

WARM_UP = 10
"""Steps that are not timed."""


def main() -> None:
    """Prints the median ratio of each method."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--steps", type=int, default=40, help="timed steps of each turn")
    parser.add_argument("--size", type=int, default=2048, help="side of the scene in pixels")
    parser.add_argument("--methods", nargs="+", default=["3dmae", "stmim", "dual-simclr"])
    parser.add_argument("--network", default="", help="as in PretrainSpec; empty: the method's")
    parser.add_argument("--batch", type=int, default=8)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = simulate(folder, size=arguments.size)
        specs = (SourceSpec("optical", files.optical), SourceSpec("sar", files.sar))
        with open_scene(specs) as scene:
            stepped = SteppedScene(scene)
            place = place_of([stepped], {role: scene.source(role).bands for role in scene.roles})
            for name in arguments.methods:
                report(name, arguments, stepped, place, Path(folder))


def report(name: str, arguments: argparse.Namespace, scene: SteppedScene, place: Place, folder: Path) -> None:
    """Times a method and prints its ratio."""
    ratios, loops = [], []
    for turn in range(arguments.pairs):
        loop = loop_rate(name, arguments, scene, place, folder / f"{name}{turn}")
        bare = bare_rate(name, arguments, scene, place)
        ratios.append(loop / bare)
        loops.append(loop)
        print(
            f"{name:12} pair {turn + 1}: loop {loop:6.1f}, bare {bare:6.1f} windows/s, ratio {loop / bare:.3f}",
            flush=True,
        )
    low, high = min(ratios), max(ratios)
    rate = statistics.median(loops)
    print(f"{name:12} median ratio {statistics.median(ratios):.3f} ({low:.3f} to {high:.3f}), {rate:.1f} windows/s")


def made(name: str, arguments: argparse.Namespace, scene: SteppedScene, place: Place) -> tuple[Any, Windows]:
    """Returns a method and its windows."""
    chosen = recipe(name)
    sources = cards_of([scene], chosen.stacks)
    torch.manual_seed(0)
    schedule = Schedule(WARM_UP + arguments.steps, chosen.rate)
    network = arguments.network or chosen.networks[0]
    method, _ = chosen.build(sources, network, chosen.window, schedule, chosen.options())
    bands = {source.role: source.bands for source in sources}
    return method, Windows([place], bands, chosen.window, arguments.batch, 0, chosen.pairs)


def loop_rate(name: str, arguments: argparse.Namespace, scene: SteppedScene, place: Place, state: Path) -> float:
    """Windows per second of the loop as a job runs it."""
    method, windows = made(name, arguments, scene, place)
    times: list[float] = []
    plain = method.training_step

    def timed(*values: Any) -> Any:
        times.append(time.perf_counter())
        return plain(*values)

    method.training_step = timed
    train(method, windows, torch.device("cpu"), state, 1, 1, 1, Reporter())
    return arguments.batch * (len(times) - 1 - WARM_UP) / (times[-1] - times[WARM_UP])


def bare_rate(name: str, arguments: argparse.Namespace, scene: SteppedScene, place: Place) -> float:
    """Windows per second of forward, backward and update alone."""
    method, windows = made(name, arguments, scene, place)
    samples = itertools.islice(windows.stream(0), 4 * arguments.batch)
    batches = list(batched(list(samples), arguments.batch))
    optimizer = method.configure_optimizers()["optimizer"]
    method.train()
    start = 0.0
    for step in range(WARM_UP + arguments.steps):
        if step == WARM_UP:
            start = time.perf_counter()
        parts, _ = method.losses(batches[step % len(batches)])
        optimizer.zero_grad()
        torch.stack(list(parts.values())).sum().backward()
        torch.nn.utils.clip_grad_norm_(method.parameters(), 1.0)
        optimizer.step()
    return arguments.batch * arguments.steps / (time.perf_counter() - start)


def batched(samples: list[Any], size: int) -> Iterator[Any]:
    """Goes through batches of samples."""
    for first in range(0, len(samples), size):
        yield default_collate(samples[first : first + size])


if __name__ == "__main__":
    main()
