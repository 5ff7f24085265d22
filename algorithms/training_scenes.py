"""The scenes that pretraining learns from: which images belong together, and which are dates of one place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFile,
    QgsProcessingParameterMultipleLayers,
)

from ..core.errors import LandSketchError, SceneError
from ..core.specs import SceneSpec
from .base import LandSketchAlgorithm
from .compat import FOLDER, RASTER
from .folders import candidates, date_in, listed, path_identity, stem
from .images import Image, ImageReader, given_images
from .many_scenes import INPUT_FOLDER, LAYERS, RECURSIVE, SAR_FOLDER
from .scene import add_optical_sensor, add_sar_units, check_common_ground, common_share
from .sources import RasterSource, raster_tags
from .stack_scenes import add_training_stack, own_stack, series_beside
from .text import tr

SAR_LAYERS = "SAR_LAYERS"
EMBEDDINGS = "EMBEDDINGS"
SERIES = "SERIES"

MOSTLY = 0.5
"""Images that share less of their ground do not show the same place."""


@dataclass(frozen=True)
class TrainingScene:
    """A scene to learn from.

    Attributes:
        sources: Its images, each role once; the optical one first.
        date: As 20240713; '' where neither names nor tags tell.
        series: The place that it shows on one of several dates; '' where it stands alone.
    """

    sources: Tuple[RasterSource, ...]
    date: str
    series: str = ""

    @property
    def name(self) -> str:
        """How the log calls it."""
        return " + ".join(source.name for source in self.sources)

    @property
    def roles(self) -> Tuple[str, ...]:
        """What its images are."""
        return tuple(source.spec.role for source in self.sources)

    def spec(self) -> SceneSpec:
        """Returns what the engine is told."""
        return SceneSpec(tuple(source.spec for source in self.sources), self.series)


def add_training_images(algorithm: LandSketchAlgorithm) -> None:
    """Declares the images to learn from, and what they are."""
    algorithm.add(
        QgsProcessingParameterMultipleLayers(LAYERS, tr("Optical images"), RASTER, optional=True),
        tr("Raster layers of one kind, such as Sentinel-2. No labels are needed."),
    )
    algorithm.add(
        QgsProcessingParameterFile(INPUT_FOLDER, tr("Folder with optical images"), FOLDER, optional=True),
        tr("All .tif, .tiff, .vrt and .jp2 files in this folder are learned from as well."),
    )
    algorithm.add(
        QgsProcessingParameterMultipleLayers(SAR_LAYERS, tr("Radar images (SAR)"), RASTER, optional=True),
        tr(
            "Raster layers with Sentinel-1 backscatter. Each optical image is paired with the radar image of the same "
            "file name, or of the same date and tile in the name, or else with the one of the same place whose date "
            "is nearest; the log tells the pairs. Others are learned from on their own, where the method can."
        ),
    )
    algorithm.add(
        QgsProcessingParameterFile(SAR_FOLDER, tr("Folder with radar images"), FOLDER, optional=True),
        tr("The images in this folder are taken as radar images as well."),
    )
    algorithm.add(
        QgsProcessingParameterBoolean(RECURSIVE, tr("With subfolders"), defaultValue=False),
        tr("Whether the folders inside the given ones are looked through, too."),
    )
    add_training_stack(algorithm)
    add_optical_sensor(algorithm)
    add_sar_units(algorithm)


def add_embeddings(algorithm: LandSketchAlgorithm) -> None:
    """Declares the features that distillation learns to compute."""
    algorithm.add(
        QgsProcessingParameterMultipleLayers(EMBEDDINGS, tr("Embeddings"), RASTER, optional=True),
        tr(
            "For distillation only: rasters with the features of another encoder, such as 'Embed an image' writes. "
            "Each image is paired with the raster that covers most of it."
        ),
        advanced=True,
    )


def add_series(algorithm: LandSketchAlgorithm) -> None:
    """Declares whether images of one place are a series."""
    algorithm.add(
        QgsProcessingParameterBoolean(SERIES, tr("Images of one place are a time series"), defaultValue=True),
        tr(
            "Whether images that show mostly the same ground are taken as dates of one place, in the order of the "
            "dates in their file names (such as 20240713) or tags; the log tells which. STMIM learns from it what "
            "stays the same; all methods then see each place as often as another, however many dates it has."
        ),
    )


def read_training_scenes(
    algorithm: LandSketchAlgorithm, parameters: Dict[str, Any], context: QgsProcessingContext, beside: bool = False
) -> Tuple[TrainingScene, ...]:
    """Reads the scenes that the parameters describe, the dates of each series together and in order.

    Args:
        algorithm: Whose parameters they are.
        parameters: Their values.
        context: Processing's.
        beside: Whether the time stack is a series beside each optical image, not a scene of its own.

    Raises:
        LandSketchError: If there is no image, or some cannot be used; all of those are named.
    """
    recursive = algorithm.parameterAsBool(parameters, RECURSIVE, context)
    optical = given_images(algorithm, parameters, context, LAYERS, INPUT_FOLDER, recursive)
    radar = given_images(algorithm, parameters, context, SAR_LAYERS, SAR_FOLDER, recursive)
    own = {path_identity(image.path) for image in optical}
    radar = [image for image in radar if path_identity(image.path) not in own]
    series = series_beside(algorithm, parameters, context) if beside else None
    own_dates = () if beside else own_stack(algorithm, parameters, context)
    stacked = [TrainingScene(own_dates, "")] if own_dates else []
    if not optical and not radar and not stacked:
        raise SceneError(tr("No image was given."), tr("Choose layers, a folder with images, or both."))
    reader = ImageReader(algorithm, parameters, context)
    scenes = _paired(_read(optical, "optical", reader), _read(radar, "sar", reader), context)
    embeddings = given_images(algorithm, parameters, context, EMBEDDINGS, "", False)
    if embeddings:
        features = _read(embeddings, "embedding", reader)
        scenes = [_with_embedding(scene, features, context) for scene in scenes]
    if series is not None:
        scenes = [_with_series(scene, series, context) for scene in scenes]
    if algorithm.parameterAsBool(parameters, SERIES, context):
        scenes = _in_series(scenes, context)
    return (*scenes, *stacked)


def words(scenes: Sequence[TrainingScene]) -> List[str]:
    """Returns in sentences which scenes there are, and which of them are dates of one place."""
    alone = [_dated(scene) for scene in scenes if not scene.series]
    lines = [tr("Scenes on their own: {scenes}.").format(scenes=", ".join(alone))] if alone else []
    for series in dict.fromkeys(scene.series for scene in scenes if scene.series):
        dates = [scene for scene in scenes if scene.series == series]
        lines.append(
            tr("A time series of {n} dates: {scenes}.").format(n=len(dates), scenes=", ".join(map(_dated, dates)))
        )
        if not all(scene.date for scene in dates):
            lines.append(
                tr("Not all of them say when they were taken; those that do not come first, in the order of names.")
            )
    return lines


def _dated(scene: TrainingScene) -> str:
    own = scene.sources[0].dates
    if own:
        return tr("time stack {name} ({n} dates)").format(name=scene.sources[0].name, n=len(own))
    if not scene.date:
        return scene.name
    return f"{scene.name} ({scene.date[:4]}-{scene.date[4:6]}-{scene.date[6:]})"


def _read(images: Iterable[Image], role: str, reader: ImageReader) -> List[RasterSource]:
    sources: List[RasterSource] = []
    problems: List[str] = []
    for image in images:
        try:
            sources.append(reader.source(image, role))
        except LandSketchError as error:
            problems.append(str(error))
    if problems:
        raise SceneError(listed(problems))
    return sources


def _paired(
    optical: Sequence[RasterSource], radar: Sequence[RasterSource], context: QgsProcessingContext
) -> List[TrainingScene]:
    """Returns a scene for each optical image, with its radar image where there is one, then the other radar images."""
    scenes: List[TrainingScene] = []
    problems: List[str] = []
    used = set()
    for image in optical:
        try:
            partner = _partner(image, radar, context)
        except SceneError as error:
            problems.append(error.message)
            continue
        sources = (image, partner) if partner else (image,)
        check_common_ground(sources, context)
        if partner:
            used.add(partner.spec.path)
        scenes.append(TrainingScene(sources, _date(image) or (_date(partner) if partner else "")))
    if problems:
        raise SceneError(
            listed(problems), tr("Give both images of a pair the same file name, or dates (such as 20240713).")
        )
    return scenes + [TrainingScene((one,), _date(one)) for one in radar if one.spec.path not in used]


def _partner(
    image: RasterSource, radar: Sequence[RasterSource], context: QgsProcessingContext
) -> Optional[RasterSource]:
    """Returns the radar image that belongs to an optical one; None for none.

    Raises:
        SceneError: If it could be any of several.
    """
    by_name = set(candidates(image.spec.path, [one.spec.path for one in radar]))
    found = [one for one in radar if one.spec.path in by_name]
    found = found or [one for one in radar if max(common_share(image, one, context)) >= MOSTLY]
    if len(found) < 2:
        return found[0] if found else None
    date = _date(image)
    gaps = {one.spec.path: abs(_days(_date(one)) - _days(date)) for one in found if date and _date(one)}
    if gaps:
        found = [one for one in found if gaps.get(one.spec.path) == min(gaps.values())]
    if len(found) > 1:
        raise SceneError(
            tr("'{image}' could belong to each of {names}.").format(
                image=image.name, names=", ".join(one.name for one in found)
            )
        )
    return found[0]


def _with_embedding(
    scene: TrainingScene, embeddings: Sequence[RasterSource], context: QgsProcessingContext
) -> TrainingScene:
    """Returns a scene with the embeddings that cover most of it; as it is where none do."""
    shares = [common_share(scene.sources[0], one, context)[0] for one in embeddings]
    best = max(range(len(shares)), key=shares.__getitem__)
    return replace(scene, sources=(*scene.sources, embeddings[best])) if shares[best] > 0 else scene


def _with_series(scene: TrainingScene, series: RasterSource, context: QgsProcessingContext) -> TrainingScene:
    """Returns a scene with the series beside its optical image; as it is where they have no ground in common."""
    there = scene.roles[0] == "optical" and common_share(scene.sources[0], series, context)[0] > 0
    return replace(scene, sources=(*scene.sources, series)) if there else scene


def _in_series(scenes: Sequence[TrainingScene], context: QgsProcessingContext) -> List[TrainingScene]:
    """Groups scenes that show mostly the same ground, and orders those of a group by date."""
    groups: List[List[TrainingScene]] = []
    for scene in scenes:
        same = (group for group in groups if _same_place(group[0], scene, context))
        group = next(same, None)
        if group is None:
            groups.append([scene])
        else:
            group.append(scene)
    ordered: List[TrainingScene] = []
    for number, group in enumerate(groups, 1):
        if len(group) > 1:
            group = sorted(group, key=lambda scene: (scene.date, stem(scene.sources[0].spec.path)))
            group = [replace(scene, series=f"{number}") for scene in group]
        ordered += group
    return ordered


def _same_place(first: TrainingScene, second: TrainingScene, context: QgsProcessingContext) -> bool:
    if first.roles != second.roles:
        return False
    return min(common_share(first.sources[0], second.sources[0], context)) >= MOSTLY


def _date(source: RasterSource) -> str:
    """Returns when an image was taken, by its name or its tags; '' where they do not tell."""
    path = source.spec.path
    named = date_in(stem(path))
    if named:
        return named
    tags = raster_tags(path, source.name)
    dates = [date_in(value) for key, value in sorted(tags.items()) if "date" in key.lower() or "time" in key.lower()]
    return next((date for date in dates if date), "")


def _days(date: str) -> int:
    """About how many days lie before a date; exact enough to tell which of two is nearer."""
    return int(date[:4]) * 365 + int(date[4:6]) * 30 + int(date[6:])
