"""The embedding job: encoder + scene → raster of features."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from rasterio.windows import Window

from .cards import SCENE_METHODS
from .devices import choose_device
from .embedding_raster import coded, embedding_layer, has_data, join_embedding
from .embedding_tags import MAKER_TAG
from .errors import CheckpointError, SpecError
from .feature_maps import CellPart, CellPlan, FeatureMaker, Images, plan_cells
from .fingerprints import Fingerprints
from .fit import strange_values
from .mapping.classification import kept_if_worth_it
from .mapping.layers import Layer
from .mapping.parts import Part, PartStore, open_store
from .outputs import finished, remove_written
from .processor import usable_cores
from .progress import Reporter
from .quantisation import LinearCodes
from .scenes import Scene, describe, open_scene
from .specs import EmbedSpec
from .starts import Start, pretrained_start
from .tiles import Tile, plan_tiles
from .version import version

SAMPLE_PLACES = 4
SAMPLE_SIDE = 64
"""The range of each feature is taken from 4 × 4 tiles of 64 × 64 pixels spread over the scene."""

_MOST_BANDS = 65_535
"""GDAL counts the bands of a GeoTIFF in 16 bits."""

_COMPUTED = 0.94


@dataclass(frozen=True)
class _Run:
    """What a job works on."""

    spec: EmbedSpec
    scene: Scene
    start: Start
    plan: CellPlan
    layer: Layer
    store: PartStore
    maker: FeatureMaker
    reporter: Reporter


def embed(spec: EmbedSpec, reporter: Reporter) -> dict[str, Any]:
    """Runs an embedding job.

    A run that was killed, or stopped by a full disk, goes on where it stopped when the same job is run again.

    Args:
        spec: The job.
        reporter: Takes progress and stops the job.

    Returns:
        `output` (path), `bands`, `gsd` in metres, and `clipped`: the share of values beyond the range of the codes.

    Raises:
        LandSketchError: If an input cannot be used, or the job was cancelled; no output is left then.
    """
    torch.set_num_threads(usable_cores())
    device, words = choose_device(spec.device)
    reporter.stage(0.0, _COMPUTED, "Opening the scene")
    with finished(spec.output) as temporary, reporter.await_result(open_scene, spec.sources) as scene:
        for line in [*describe(scene), words]:
            reporter.log(line)
        start = reporter.await_result(pretrained_start, spec.checkpoint, scene)
        for note in [*scene.doubts, *start.warnings, *strange_values(start.sources, scene)]:
            reporter.warn(note)
        plan = _planned(spec, scene, start)
        layer = embedding_layer(spec.output, plan.bands, spec.stored)
        store = open_store(spec, _fingerprint(spec), plan.grid, (layer,), has_data)
        run = _Run(spec, scene, start, plan, layer, store, FeatureMaker(scene, start, device, reporter), reporter)
        _log_size(run)
        with kept_if_worth_it(store, reporter):
            state = _compute(run, temporary)
            clipped = _share_clipped(run, state)
            reporter.stage(_COMPUTED, 1.0, "Writing the raster")
            tags = _tags(run, state, clipped)
            join_embedding(store, layer, _codes_of(state), temporary, tags, usable_cores(), reporter)
    store.remove()
    reporter.artifact(spec.output, "raster")
    return {"output": spec.output, "bands": plan.bands, "gsd": plan.grid.gsd, "clipped": clipped}


def _planned(spec: EmbedSpec, scene: Scene, start: Start) -> CellPlan:
    name = start.card.architecture["encoder"]["name"]
    if name == "embedding":
        raise CheckpointError(
            f"Checkpoint '{spec.checkpoint}' has no encoder: it was fine-tuned on embeddings.",
            "Choose a checkpoint whose encoder computes features of images.",
        )
    plan = plan_cells(scene, start, spec.extent, spec.tile)
    if plan.bands > _MOST_BANDS:
        raise CheckpointError(f"Encoder '{name}' has {plan.bands} features; a GeoTIFF holds {_MOST_BANDS} bands.")
    return plan


def _log_size(run: _Run) -> None:
    grid, maps = run.plan.grid, len(run.start.encoder.strides)
    joined = f" of {maps} feature maps, the coarser ones upsampled" if maps > 1 else ""
    size = grid.width * grid.height * run.plan.bands * (1 if run.spec.stored == "int8" else 2) / 1e6
    run.reporter.log(
        f"{run.plan.bands} features{joined}, {grid.width} × {grid.height} cells of {grid.gsd:.4g} m; {size:.3g} MB "
        "before compression."
    )


def _compute(run: _Run, temporary: str) -> dict[str, Any]:
    """Computes the parts that are not finished yet, and returns what was decided about the raster."""
    store, reporter = run.store, run.reporter
    state = store.state()
    remove_written(state.pop("temporaries", ()))
    before = {(part.row, part.column) for part in store.finished()}
    parts = list(run.plan.parts())
    missing = [part for part in parts if (part.window.row_off, part.window.col_off) not in before]
    if state:
        done = 1 - len(missing) / len(parts)
        reporter.log(f"Going on with a run of {state['started']}: {done:.0%} is done.")
        reporter.done_before(done)
    state.setdefault("started", _now())
    if run.spec.stored == "int8" and "codes" not in state:
        codes = _fitted_codes(run)
        state["codes"] = {"scales": codes.scales, "offsets": codes.offsets}
    state.setdefault("clipped", {})
    _compute_parts(run, missing, len(parts), state, temporary)
    if not any(part.covered for part in store.finished()):
        raise SpecError(
            "The raster would be empty: no pixel of the scene has data in every layer.",
            "Check that the layers overlap, and where they have no data.",
        )
    return state


def _compute_parts(run: _Run, missing: list[CellPart], count: int, state: dict[str, Any], temporary: str) -> None:
    codes = _codes_of(state)
    tiles = sum(len(part.tiles) for part in run.plan.parts())
    done = tiles - sum(len(part.tiles) for part in missing)
    with ThreadPoolExecutor(1, thread_name_prefix="reader") as reader:
        images = _read_ahead(run, reader, [tile for part in missing for tile in part.tiles])
        for part in missing:
            window = part.window
            features = np.empty((run.plan.bands, window.height, window.width), np.float32)
            for tile in part.tiles:
                of_tile, of_part = run.plan.place(tile, part)
                values = run.maker.features(run.plan.tiles, tile, next(images))
                features[(slice(None), *of_part)] = values[(slice(None), *of_tile)]
                done += 1
                run.reporter.progress(done / tiles, "Computing features")
            stored = Part(window.row_off, window.col_off, window.height, window.width)
            if codes is not None:
                state["clipped"][stored.name] = codes.clipped(features)
            # Before the part counts as finished, so that nothing of it is forgotten.
            run.store.save_state({**state, "temporaries": [temporary]})
            with run.store.writing(stored) as writer:
                writer.write(coded(features, codes))


def _read_ahead(run: _Run, reader: ThreadPoolExecutor, tiles: list[Tile]) -> Iterator[Images]:
    """Yields the images of each tile; those of the next one are read meanwhile."""
    plan = run.plan.tiles
    waiting = reader.submit(run.maker.read, plan, tiles[0]) if tiles else None
    for tile in [*tiles[1:], None]:
        if waiting is None:
            return
        images = run.reporter.await_future(waiting)
        waiting = reader.submit(run.maker.read, plan, tile) if tile is not None else None
        yield images


def _fitted_codes(run: _Run) -> LinearCodes:
    """Chooses codes that fit the features of some tiles, spread over the raster.

    Raises:
        SpecError: If no tile has data.
    """
    run.reporter.log("Looking for the range of the features.")
    grid, area = run.scene.grid, run.plan.area
    right, bottom = min(area.col_off + area.width, grid.width), min(area.row_off + area.height, grid.height)
    inside = Window(area.col_off, area.row_off, right - area.col_off, bottom - area.row_off)
    plan = plan_tiles(grid, SAMPLE_SIDE, run.plan.tiles.halo, 0, run.plan.alignment)
    found: list[NDArray[np.float32]] = []
    for count, tile in enumerate(_spread_first(list(plan.rows(inside)))):
        if found and count >= SAMPLE_PLACES**2:
            break
        values = run.maker.features(plan, tile, run.maker.read(plan, tile)).reshape(run.plan.bands, -1)
        known = values[:, ~np.isnan(values[0])]
        if known.size:
            found.append(known)
    if not found:
        raise SpecError(
            "The raster would be empty: no pixel of the scene has data in every layer.",
            "Check that the layers overlap, and where they have no data.",
        )
    return LinearCodes.fitted(found)


def _spread_first(rows: list[list[Tile]]) -> Iterator[Tile]:
    """Yields all tiles, first those that are spread over them."""
    chosen = [rows[i][j] for i in _spread(len(rows)) for j in _spread(len(rows[0]))]
    yield from chosen
    first = set(chosen)
    yield from (tile for row in rows for tile in row if tile not in first)


def _spread(count: int) -> list[int]:
    """Returns up to `SAMPLE_PLACES` indices out of a number, in the middles of equal parts."""
    return sorted({(2 * place + 1) * count // (2 * SAMPLE_PLACES) for place in range(SAMPLE_PLACES)})


def _codes_of(state: dict[str, Any]) -> LinearCodes | None:
    codes = state.get("codes")
    return LinearCodes(tuple(codes["scales"]), tuple(codes["offsets"])) if codes else None


def _share_clipped(run: _Run, state: dict[str, Any]) -> float:
    """Returns which share of the values lies beyond the range of the codes, and tells the user."""
    cells = sum(part.covered for part in run.store.finished())
    share = sum(state["clipped"].values()) / (cells * run.plan.bands)
    if run.spec.stored == "int8":
        run.reporter.log(f"{share:.2%} of the values lie beyond the range of the codes and were clipped to it.")
    return float(share)


def _tags(run: _Run, state: dict[str, Any], clipped: float) -> dict[str, str]:
    """Returns where the features come from: only those of the same encoder lie in the same space."""
    spec, encoder = run.spec, run.start.card.architecture["encoder"]["name"]
    name = PurePath(spec.checkpoint).name
    return {
        MAKER_TAG: f"{encoder} {name}@{space_of(run.start)}",
        "LANDSKETCH_VERSION": version(),
        "LANDSKETCH_DATE": state["started"],
        "LANDSKETCH_CHECKPOINT": name,
        "LANDSKETCH_LICENCE": run.start.licence,
        "LANDSKETCH_CLIPPED": f"{clipped:.3g}",
        "LANDSKETCH_SOURCES": json.dumps([f"{source.role}: {source.layer}" for source in run.scene.sources]),
        "LANDSKETCH_JOB": json.dumps({"job": spec.job, "spec": spec.to_json()}),
        "TIFFTAG_SOFTWARE": f"LandSketch {version()}",
    }


def space_of(start: Start) -> str:
    """Returns the fingerprint of an encoder: features of two with the same one mean the same.

    It follows from the weights and from what is read and how it is scaled, but not from the file that holds them. What
    an encoder takes from a scene, such as its month or its statistics, makes no other space.
    """
    digest = hashlib.sha256(str(start.card.architecture["encoder"]["name"]).encode())
    for source in start.sources:
        scaling = source.normalisation
        numbers = () if scaling.method in SCENE_METHODS else (scaling.offset, scaling.scale)
        digest.update(json.dumps([source.role, source.bands, scaling.method, numbers]).encode())
    for name, tensor in sorted(start.encoder.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()[:12]


def _fingerprint(spec: EmbedSpec) -> str:
    """Returns a text that is the same for jobs that make the same raster."""
    return hashlib.sha256(f"{version()} {Fingerprints().of(spec)}".encode()).hexdigest()


def _now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
