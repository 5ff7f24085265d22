"""The same map by many machines: a Dask cluster's workers classify rectangles, each writing its own part.

The workers see the same files under the same paths and import this very version of LandSketch. A part is done once its
file is there, so a worker may die at any time: the scheduler gives its part to another one.
"""

from __future__ import annotations

import math
import threading
import time
from pathlib import Path
from typing import Any

from distributed import Client, Future
from rasterio.windows import Window

from ..errors import EngineError, LandSketchError
from ..progress import Reporter
from ..runtimes.model import TITLES
from ..specs import ClassifySpec
from ..version import version
from .parts import Part, PartStore
from .pipeline import map_rows
from .setting import Setting, opened
from .strips import BLOCK

LEAST_TILES, MOST_TILES = 4, 16
"""Tiles along a part's side. A part also computes the tiles above and to its left that fade into it: a half more work
with four tiles to a side, an eighth with sixteen."""

PARTS_PER_WORKER = 4
"""So that slow workers and lost ones leave little to wait for."""

_CONNECT_SECONDS = 10
_POLL_SECONDS = 0.2
_LONELY_SECONDS = 15.0

_one_at_a_time = threading.Lock()
"""A network uses all the cores that it is given; two at once in a process would only take turns."""


def connect(address: str) -> Client:
    """Connects to a scheduler.

    Raises:
        EngineError: If there is none.
    """
    try:
        return Client(address, timeout=_CONNECT_SECONDS, set_as_default=False, name="landsketch")
    except (OSError, TimeoutError, ValueError) as error:
        raise EngineError(
            f"No Dask scheduler answers at '{address}': {error}",
            "Start one with 'dask scheduler', and workers with 'dask worker'; or leave the address empty.",
        ) from error


def plan(client: Client, setting: Setting) -> dict[str, Any]:
    """Decides on the side of the parts in pixels, and on a runtime, chosen where it will run.

    The side is whole blocks and tiles, with enough parts for every worker.
    """
    step = max(setting.plan.side, BLOCK)
    step = step * BLOCK // math.gcd(step, BLOCK)
    wanted = math.sqrt(setting.grid.width * setting.grid.height / (max(_workers(client), 1) * PARTS_PER_WORKER))
    least, most = LEAST_TILES * setting.plan.side, MOST_TILES * setting.plan.side
    side = -(-int(min(max(wanted, least), most)) // step) * step
    chosen: dict[str, str] = client.submit(_choose, setting.spec.to_json(), pure=False).result()
    return {"side": side, **chosen}


def parts_of(setting: Setting, side: int) -> list[Part]:
    """Returns the squares into which a map is cut."""
    grid = setting.grid
    return [
        Part(row, column, min(side, grid.height - row), min(side, grid.width - column))
        for row in range(0, grid.height, side)
        for column in range(0, grid.width, side)
    ]


def classify_parts(
    client: Client, setting: Setting, store: PartStore, state: dict[str, Any], reporter: Reporter
) -> None:
    """Has the cluster classify all parts that are not finished.

    Raises:
        LandSketchError: What a worker found wrong.
    """
    done = {(part.row, part.column) for part in store.finished()}
    parts = parts_of(setting, state["side"])
    missing = [part for part in parts if (part.row, part.column) not in done]
    spec = setting.spec.to_json()
    futures = client.map(
        classify_part, missing, spec=spec, state=state, folder=str(store.folder), version_here=version(), pure=False
    )
    pixels = {future.key: part.height * part.width for future, part in zip(futures, missing, strict=True)}
    total = sum(part.height * part.width for part in parts)
    finished = total - sum(pixels.values())
    reporter.log(f"{TITLES[state['runtime']]} in {state['precision']} classifies.")
    reporter.log(f"Parts of up to {state['side']} pixels: {len(missing)}; workers: {_workers(client)}.")
    try:
        waiting = set(futures)
        lonely = time.monotonic()
        while waiting:
            reporter.progress(finished / total, "Classifying on the cluster")
            time.sleep(_POLL_SECONDS)
            ready = {future for future in waiting if future.done()}
            waiting -= ready
            finished += sum(pixels[future.key] for future in ready)
            for future in ready:
                _check(future, reporter)
            if _workers(client):
                lonely = time.monotonic()
            elif time.monotonic() - lonely > _LONELY_SECONDS:
                reporter.warn("The scheduler has no workers; waiting for some.")
                lonely = time.monotonic()
    finally:
        client.cancel(futures)


def _choose(spec: dict[str, Any]) -> dict[str, str]:
    """Chooses the runtime where it will run; called on a worker."""
    reporter = Reporter()
    with _one_at_a_time, opened(_spec(spec), _model(spec, reporter), reporter) as setting:
        runtime = setting.choose_runtime(reporter)
        return {"runtime": runtime.name, "precision": runtime.precision}


def classify_part(part: Part, spec: dict[str, Any], state: dict[str, Any], folder: str, version_here: str) -> str:
    """Classifies one part; called on a worker.

    Returns:
        A sentence if something was not as planned, else nothing.
    """
    if version() != version_here:
        raise EngineError(
            f"A worker runs LandSketch {version()}, and {version_here} asks it.", "Install the same version everywhere."
        )
    reporter = Reporter()
    with _one_at_a_time, opened(_spec(spec), _model(spec, reporter), reporter) as setting:
        said = ""
        try:
            runtime = setting.runtime(state["runtime"], state["precision"], reporter)
        except EngineError:
            # This worker is of another make; what it can do gives the same map but for few pixels.
            runtime = setting.choose_runtime(reporter)
            said = f"A worker has no {state['runtime']} in {state['precision']} and used {runtime.name}."
        store = PartStore(Path(folder), setting.grid, setting.layers)
        area = Window(setting.area.col_off + part.column, setting.area.row_off + part.row, part.width, part.height)
        with store.writing(part) as writer:
            for steps in map_rows(setting.work(runtime, reporter), area, reporter, lambda tiles: None):
                writer.write(steps)
        return said


def _spec(values: dict[str, Any]) -> ClassifySpec:
    return ClassifySpec.from_json(values)


def _model(spec: dict[str, Any], reporter: Reporter) -> Any:
    from ..jobs import warm_model  # which imports this package when it runs a job

    return warm_model.load(_spec(spec), reporter)


def _check(future: Future[str], reporter: Reporter) -> None:
    """Passes on what a worker has to say, or what went wrong there."""
    if future.status == "error":
        error = future.exception()
        if isinstance(error, LandSketchError):
            raise error
        raise EngineError(f"A worker failed: {error!r}.", "See the workers' logs.") from error
    said = future.result()
    if said:
        reporter.warn(said)


def _workers(client: Client) -> int:
    return len(client.scheduler_info(n_workers=-1)["workers"])
