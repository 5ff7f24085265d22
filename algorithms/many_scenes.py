"""The parameters that describe many scenes of one kind, from layers and folders, checked against a checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Sequence, Tuple

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFile,
    QgsProcessingParameterMultipleLayers,
)

from ..core.cards import Card, check_bands
from ..core.ensembles import Member, ensemble_card, title_of
from ..core.errors import CheckpointError, LandSketchError, SceneError
from ..core.specs import ROLES
from .base import LandSketchAlgorithm
from .compat import FOLDER, RASTER
from .folders import images_in, listed, pair_by_name, path_identity
from .images import Image, ImageReader, file_image, given_images
from .scene import add_optical_sensor, add_sar_units, check_common_ground
from .sources import RasterSource
from .text import tr

LAYERS = "LAYERS"
INPUT_FOLDER = "INPUT_FOLDER"
RECURSIVE = "RECURSIVE"
SAR_FOLDER = "SAR_FOLDER"


@dataclass(frozen=True)
class BatchScene:
    """One scene of many.

    Attributes:
        name: What its results are named after.
        sources: The image, and the radar image that belongs to it.
    """

    name: str
    sources: Tuple[RasterSource, ...]


def add_many_images(algorithm: LandSketchAlgorithm) -> None:
    """Declares layers, folders, and what the images in them are."""
    algorithm.add(
        QgsProcessingParameterMultipleLayers(LAYERS, tr("Images"), RASTER, optional=True),
        tr(
            "Raster layers to classify, each on its own. They may be left out if a folder is given. For a checkpoint "
            "that uses radar only, these are radar images, for one made on embeddings, embeddings; else, optical ones."
        ),
    )
    algorithm.add(
        QgsProcessingParameterFile(INPUT_FOLDER, tr("Folder with images"), FOLDER, optional=True),
        tr("All .tif, .tiff, .vrt and .jp2 files in this folder are classified as well."),
    )
    algorithm.add(
        QgsProcessingParameterBoolean(RECURSIVE, tr("With subfolders"), defaultValue=False),
        tr("Whether the folders inside the given ones are looked through, too; not the output folder."),
    )
    algorithm.add(
        QgsProcessingParameterFile(SAR_FOLDER, tr("Folder with radar images"), FOLDER, optional=True),
        tr(
            "For checkpoints that use an optical and a radar image together: the folder with the radar images. Each "
            "optical image is paired with the radar image of the same file name; without one, with the only radar "
            "image whose name has the same date (such as 20240713) and Sentinel-2 tile (such as T32UPU), or one of "
            "the two where a name lacks the other. Where this leaves a doubt, nothing runs and the images are named."
        ),
    )
    add_optical_sensor(algorithm)
    add_sar_units(algorithm)


def read_scenes(
    algorithm: LandSketchAlgorithm,
    parameters: Dict[str, Any],
    context: QgsProcessingContext,
    members: Sequence[Member],
    output_folder: str,
) -> Tuple[BatchScene, ...]:
    """Reads the scenes that the parameters describe.

    Args:
        algorithm: Whose parameters they are.
        parameters: Their values.
        context: Processing's.
        members: The checkpoint, or those of an ensemble, which the images have to fit.
        output_folder: Where results go, hence where no images are looked for; empty: a temporary one.

    Raises:
        LandSketchError: If there is no image, or some do not fit; all of those are named.
    """
    recursive = algorithm.parameterAsBool(parameters, RECURSIVE, context)
    sar_folder = algorithm.parameterAsFile(parameters, SAR_FOLDER, context)
    _check_roles(ensemble_card(members), sar_folder, title_of(members))
    images = given_images(algorithm, parameters, context, LAYERS, INPUT_FOLDER, recursive, output_folder)
    if not images:
        raise SceneError(tr("No image was given."), tr("Choose layers, a folder with images, or both."))
    _check_names(images)
    pairs: Dict[str, Image] = {}
    if sar_folder:
        radar = images_in(sar_folder, recursive, output_folder)
        own = {path_identity(image.path) for image in images}
        radar = [path for path in radar if path_identity(path) not in own]
        pairs = {a: file_image(b) for a, b in pair_by_name([image.path for image in images], radar).items()}
    reader = _Reader(algorithm, parameters, context, members)
    scenes: List[BatchScene] = []
    problems: List[str] = []
    for image in images:
        try:
            scenes.append(reader.scene(image, [pairs[image.path]] if image.path in pairs else []))
        except LandSketchError as error:
            problems.append(error.message)
    if problems:
        raise SceneError(
            tr("{n} of {all} images cannot be classified:").format(n=len(problems), all=len(images))
            + "\n"
            + listed(problems)
            + "\n",
            tr("Leave them out, or choose another checkpoint, sensor or band names."),
        )
    return tuple(scenes)


class _Reader:
    """Opens images as sources of a scene, and checks them against the cards of the checkpoints."""

    def __init__(
        self,
        algorithm: LandSketchAlgorithm,
        parameters: Dict[str, Any],
        context: QgsProcessingContext,
        members: Sequence[Member],
    ) -> None:
        self._context = context
        self._members = members
        self._roles = ensemble_card(members).roles
        self._reader = ImageReader(algorithm, parameters, context)

    def scene(self, image: Image, radar: Sequence[Image]) -> BatchScene:
        """Returns the scene of an image and the radar image that belongs to it.

        Raises:
            LandSketchError: If they do not fit the checkpoint, or each other.
        """
        role = next(role for role in ROLES if role in self._roles)
        sources = (self._source(image, role), *(self._source(one, "sar") for one in radar))
        check_common_ground(sources, self._context)
        return BatchScene(image.name, sources)

    def _source(self, image: Image, role: str) -> RasterSource:
        source = self._reader.source(image, role)
        for member in self._members:
            if role in member.card.roles:
                check_bands(member.card.source(role), source.match, source.name, member.path)
        return source


def _check_roles(card: Card, sar_folder: str, checkpoint: str) -> None:
    both = len(card.roles) > 1
    if both and "embedding" in card.roles:
        raise CheckpointError(
            tr(
                "Checkpoint '{checkpoint}' needs images and embeddings together, which cannot be paired by name."
            ).format(checkpoint=checkpoint),
            tr("Use 'Classify an image' for each."),
        )
    if both and not sar_folder and not card.source("sar").optional:
        raise CheckpointError(
            tr("Checkpoint '{checkpoint}' needs a radar image with each optical one.").format(checkpoint=checkpoint),
            tr("Choose the folder with the radar images."),
        )
    if sar_folder and not both:
        raise CheckpointError(
            tr("Checkpoint '{checkpoint}' uses one image at a time; a second folder was given.").format(
                checkpoint=checkpoint
            ),
            tr("Leave the folder with radar images empty."),
        )


def _check_names(images: Sequence[Image]) -> None:
    """Names the images whose maps would have the same name."""
    by_name: Dict[str, List[str]] = {}
    for image in images:
        by_name.setdefault(image.name.lower(), []).append(image.path)
    problems = [
        tr("{paths} would have the same map.").format(paths=", ".join(f"'{path}'" for path in paths))
        for paths in by_name.values()
        if len(paths) > 1
    ]
    if problems:
        raise SceneError(listed(problems), tr("Maps are named after their images; give these different names."))
