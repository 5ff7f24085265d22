"""The pretraining job: unlabelled scenes → encoder checkpoint."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from ...models.checkpoints import save_checkpoint
from ...models.pretraining.method import Method, Schedule
from ...models.pretraining.recipes import Recipe, recipe
from ...models.segmenter import build_encoder
from ..cards import Card, SourceCard
from ..devices import choose_device
from ..errors import SpecError
from ..fingerprints import state_of
from ..grids import Grid
from ..outputs import all_finished
from ..progress import Reporter
from ..scenes import Scene, Source, open_scene
from ..sensors import in_short
from ..specs import PretrainSpec, SceneSpec
from ..version import versions
from .needs import check_roles
from .opening import opened_dates
from .page import page_of
from .places import Place, place_of
from .statistics import cards_of
from .stepped import SteppedScene, stepped
from .training import Windows, train


def pretrain(spec: PretrainSpec, reporter: Reporter) -> dict[str, Any]:
    """Runs a pretraining job.

    Returns:
        `checkpoint` and `report` (paths) and `history` (per some updates the loss, its parts and the features' spread).

    Raises:
        LandSketchError: If an input cannot be used, or the job was cancelled; no output is left then, but the state
            from which the same job goes on.
    """
    chosen = recipe(spec.method)
    options = chosen.options_of(spec.options)
    device, words = choose_device(spec.device)
    reporter.stage(0.0, 0.05, "Reading the scenes")
    with ExitStack() as opened, all_finished(spec.outputs()) as temporaries:
        series = _opened(spec, chosen, opened, reporter)
        reporter.log(words)
        sources = cards_of([scene for dates in series for scene in dates], chosen.stacks, spec.seed)
        for scene in (scene for dates in series for scene in dates):
            scene.bind(sources)
        schedule = Schedule(spec.steps, spec.rate or chosen.rate, seed=spec.seed)
        window, batch = spec.window or chosen.window, spec.batch or chosen.batch
        torch.manual_seed(spec.seed)  # of the untrained weights
        method, encoder = chosen.build(sources, _network(spec, chosen), window, schedule, options)
        bands = {source.role: source.bands for source in sources} | method.encoder_module().bands
        places = [place_of(dates, bands) for dates in series]
        for line in _words(chosen, places, sources, method):
            reporter.log(line)
        warnings = method.warnings(batch * spec.accumulate * spec.devices * spec.nodes)
        for warning in warnings:
            reporter.warn(warning)
        reporter.stage(0.05, 0.97, f"Pretraining by {chosen.title}")
        windows = Windows(places, bands, window, batch, spec.seed, chosen.pairs)
        state = _state_folder(spec)
        history = train(method, windows, device, state, spec.accumulate, spec.devices, spec.nodes, reporter)
        reporter.stage(0.97, 1.0, "Writing the checkpoint")
        trained = method.cpu().eval().encoder_module()
        read = tuple(
            replace(source.narrowed(trained.bands[source.role]), optional=chosen.optional, partial=chosen.partial)
            for source in sources
            if source.role in trained.bands
        )
        card = _card(spec, chosen, read, encoder, series, history)
        places_of = dict(zip(spec.outputs(), temporaries, strict=True))
        save_checkpoint(places_of[spec.output], trained, card)
        if spec.report:
            page = reporter.await_result(page_of, method, windows, read, card, history, warnings)
            Path(places_of[spec.report]).write_text(page, encoding="utf-8")
    shutil.rmtree(state, ignore_errors=True)
    reporter.artifact(spec.output, "checkpoint")
    if spec.report:
        reporter.artifact(spec.report, "report")
    return {"checkpoint": spec.output, "report": spec.report, "history": history}


def _opened(spec: PretrainSpec, chosen: Recipe, opened: ExitStack, reporter: Reporter) -> list[list[SteppedScene]]:
    """Opens all scenes; those of one series on the grid of its first."""
    series: dict[str, list[SteppedScene]] = {}
    for number, wanted in enumerate(spec.scenes):
        dates = series.setdefault(wanted.series or f"\0{number}", [])
        whole, scenes = _scenes(wanted, dates[0].grid if dates else None, chosen, opened)
        for line in whole.described():
            reporter.log(line)
        for line in whole.doubts:
            reporter.warn(line)
        if len(scenes) > 1:
            reporter.log(f"Learns from its {len(scenes)} dates one by one.")
        dates += scenes
        reporter.progress((number + 1) / len(spec.scenes))
    found = list(series.values())
    check_roles(chosen, _network(spec, chosen), [scene.roles for dates in found for scene in dates])
    return found


def _scenes(
    wanted: SceneSpec, grid: Grid | None, chosen: Recipe, opened: ExitStack
) -> tuple[SteppedScene, list[SteppedScene]]:
    """Opens a scene, and of a time stack its dates; what the method reads on a coarser grid on that."""
    coarse = tuple(source for source in wanted.sources if source.role in chosen.coarse)
    fine = tuple(source for source in wanted.sources if source not in coarse)
    if not fine:
        raise SpecError(f"A scene has nothing but {', '.join(source.path for source in coarse)}.", "Add its images.")
    whole, dates = opened_dates(fine, grid, opened)
    beside: Scene | None = None
    if coarse:
        beside = opened.enter_context(open_scene(coarse, stepped(whole.grid, max(chosen.coarse.values()))))
    return SteppedScene(whole, beside, chosen.coarse), [SteppedScene(date, beside, chosen.coarse) for date in dates]


def _network(spec: PretrainSpec, chosen: Recipe) -> str:
    if spec.network and spec.network not in chosen.networks:
        raise SpecError(f"network is '{spec.network}'.", f"{chosen.title} knows {', '.join(chosen.networks)}.")
    return spec.network or chosen.networks[0]


def _words(chosen: Recipe, places: Sequence[Place], sources: Sequence[SourceCard], method: Method) -> list[str]:
    pixels = sum(place.valid_pixels for place in places)
    bands = "; ".join(f"{source.role}: {in_short(source.bands)}" for source in sources)
    weights = sum(parameter.numel() for parameter in method.encoder_module().parameters())
    lines = [
        f"Learns from about {pixels / 1e6:.2f} million pixels at {len(places)} places ({bands}).",
        f"The encoder has {weights / 1e6:.2f} million weights.",
    ]
    if chosen.pairs and not any(len(place.dates) > 1 for place in places):
        lines.append(
            f"{chosen.title} is best with dates of one place, but every scene stands alone: it learns from single "
            "dates. Scenes of one place belong to one series."
        )
    return lines


def _state_folder(spec: PretrainSpec) -> Path:
    """A hidden folder beside the checkpoint, one for each job: other settings or images start anew."""
    images = [state_of(source.path) for scene in spec.scenes for source in scene.sources]
    digest = hashlib.sha256(json.dumps([spec.to_json(), images], sort_keys=True).encode()).hexdigest()[:12]
    output = Path(spec.output).absolute()
    return output.with_name(f".{output.name}.{digest}")


def _card(
    spec: PretrainSpec,
    chosen: Recipe,
    sources: tuple[SourceCard, ...],
    encoder: dict[str, Any],
    series: Sequence[Sequence[SteppedScene]],
    history: Sequence[dict[str, float]],
) -> Card:
    built = build_encoder({"encoder": encoder}, sources)
    steps = int(history[-1]["step"]) if history else spec.steps
    provenance = {
        "method": f"pretrained: {chosen.title}",
        # Of files the name only: cards are given away, and folders are their makers' own.
        "options": {
            name: Path(value).name if isinstance(value, str) else value for name, value in spec.options.items()
        },
        "data": _data(series),
        "steps": steps,
        **({"ended": f"by hand after update {steps} of {spec.steps}"} if steps < spec.steps else {}),
        "last": history[-1] if history else {},
        "seed": spec.seed,
        "licence": "the user's own",
        "versions": versions("torch", "timm", "lightly", "lightning", "rasterio"),
    }
    return Card({"encoder": encoder}, sources, built.tile, built.halo, None, provenance)


def _data(series: Sequence[Sequence[SteppedScene]]) -> list[dict[str, Any]]:
    """Returns what was learned from; a scene that was given several times, to be seen more often, once."""
    found: list[dict[str, Any]] = []
    for source in (source for dates in series for source in _distinct(dates)):
        entry = {
            "role": source.role,
            "name": source.layer,
            "sensor": source.match.sensor,
            "offset": source.conversion.offset,
        }
        if entry not in found:
            found.append(entry)
    return found


def _distinct(dates: Sequence[SteppedScene]) -> list[Source]:
    """Returns the sources of scenes of one place; the dates of a time stack are one."""
    return list({source.path: source for scene in dates for source in scene.sources}.values())
