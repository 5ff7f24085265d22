"""Where fine-tuning starts from: which encoder, with which weights and which normalisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..models.checkpoints import fill, load_weights
from ..models.context import EMBEDDING, band_context
from ..models.encoders.classes import encoder_class
from ..models.encoders.encoder import Encoder
from ..models.encoders.offers import SceneOffer, SourceOffer
from ..models.published import is_published, read_published
from ..models.segmenter import Segmenter, build_encoder, build_segmenter, new_head
from .bundled import BUNDLED, bundled_knows
from .card_files import read_card
from .cards import Card, Normalisation, SourceCard
from .dated_starts import dated_sources, features_over_time, is_dated, network_over_time, over_time, weighted_part
from .embedding_cards import embedding_card, embedding_notes
from .errors import CheckpointError
from .fit import bound, check_scene
from .scenes import Scene, Source
from .sensors import AUTO
from .specs import FinetuneSpec

RANDOM_FILTERS = 128

UNTRAINED = "untrained"
"""The method in the card of an encoder whose weights nothing has taught: of a baseline."""

WHOLE = ("unet", "double-unet", "utae", "two-branch")
"""Encoders that are whole networks but for the last layer: their decoder is their own."""


@dataclass(frozen=True)
class Start:
    """An encoder ready for fine-tuning.

    Attributes:
        encoder: The encoder with its weights.
        card: Its card, without classes.
        head: The head for decoder and full training.
        pretrained: Whether its weights were learned.
        previous: The whole network of the checkpoint it comes from, where that already had classes.
        licence: Licence of the weights, in words.
        warnings: What the user should know about the choice.
    """

    encoder: Encoder
    card: Card
    head: dict[str, Any]
    pretrained: bool
    previous: Segmenter | None = None
    licence: str = "the user's own"
    warnings: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[SourceCard, ...]:
        """What the encoder reads of the scene."""
        return self.card.sources

    def network(self, classes: int) -> Segmenter:
        """Returns the network to train: the checkpoint's own where its head has as many classes, else a new head."""
        if self.previous is not None and self.previous.head.classes == classes:
            return self.previous
        arguments = dict(self.head)
        name = arguments.pop("name")
        context = band_context(self.sources) if arguments.pop("context", False) else None
        return Segmenter(self.encoder, context, new_head(name, self.encoder, context, classes, **arguments))


def starting_point(spec: FinetuneSpec, scene: Scene) -> Start:
    """Chooses the encoder for a spec: that of its checkpoint, or a default one.

    Raises:
        CheckpointError: If the checkpoint cannot be read, or does not fit the scene.
    """
    if spec.checkpoint or EMBEDDING in scene.roles or spec.mode == "frozen" or _keeps_encoder(spec, scene):
        return frozen_start(spec.checkpoint, scene, spec.seed, spec.pooling)
    return _from_scratch(scene, spec)


def frozen_start(checkpoint: str, scene: Scene, seed: int, pooling: str = AUTO) -> Start:
    """Chooses an encoder whose features are taken as they are: that of a checkpoint, or a default one.

    Args:
        checkpoint: Its path; empty: the default.
        scene: What it is used on.
        seed: Of what is random in the default encoder.
        pooling: How features of the dates of a time stack become one, see `FinetuneSpec.pooling`.

    Raises:
        CheckpointError: If the checkpoint cannot be read, or does not fit the scene.
    """
    if checkpoint:
        return pretrained_start(checkpoint, scene, pooling)
    if EMBEDDING in scene.roles:
        return _embeddings(scene)
    if bundled_knows(scene):
        return pretrained_start(BUNDLED, scene, pooling)
    return random_start(scene, seed, pooling)


def _keeps_encoder(spec: FinetuneSpec, scene: Scene) -> bool:
    """Whether a part of the default encoder stays as it is, and so has to be a trained one."""
    return spec.mode != "full" and not is_dated(scene) and bundled_knows(scene)


def pretrained_start(path: str, scene: Scene, pooling: str = AUTO) -> Start:
    """Returns the encoder of a checkpoint or of a published file, as it is used on a scene.

    Raises:
        CheckpointError: If the checkpoint cannot be read, or does not fit the scene.
    """
    return _published(scene, path, pooling) if is_published(path) else _own_checkpoint(scene, path, pooling)


def _embeddings(scene: Scene) -> Start:
    """Embeddings are features already: there is nothing to train but the head."""
    sources = tuple(
        embedding_card(scene, source) if source.role == EMBEDDING else three_sigma_card(scene, source)
        for source in scene.sources
    )
    notes = embedding_notes(scene, scene.source(EMBEDDING))
    return _started({"encoder": {"name": "embedding"}}, sources, True, tuple(notes), "that of the embeddings")


def random_start(scene: Scene, seed: int, pooling: str = AUTO) -> Start:
    """Random features: the default for sensors that the bundled encoder does not know."""
    entry = {"name": "random-features", "filters": RANDOM_FILTERS, "seed": seed}
    return new_start(scene, features_over_time(scene, entry), (), pooling)


def _from_scratch(scene: Scene, spec: FinetuneSpec) -> Start:
    warnings: tuple[str, ...] = ()
    if spec.mode != "full":
        warnings = (
            "Without a checkpoint there is no trained encoder to keep: the whole U-Net is trained from scratch.",
        )
    entry = network_over_time(scene, spec.timm_encoder) or {"name": "unet", "encoder": spec.timm_encoder}
    return new_start(scene, entry, warnings, spec.pooling)


def new_start(scene: Scene, encoder: dict[str, Any], warnings: tuple[str, ...], pooling: str = AUTO) -> Start:
    """Returns an untrained encoder for all bands of a scene."""
    sources = dated_sources(scene, [three_sigma_card(scene, source) for source in scene.sources])
    return _started({"encoder": over_time(scene, encoder, pooling)}, sources, False, warnings)


def _published(scene: Scene, path: str, pooling: str) -> Start:
    published = read_published(path)
    start = adapted_start(scene, published.architecture, published.sources, published.licence, pooling)
    fill(start.encoder.pretrained_part(), start.encoder.used(published.weights), path)
    return start


def _own_checkpoint(scene: Scene, path: str, pooling: str) -> Start:
    card = read_card(path)
    weights = load_weights(path)
    licence = str(card.provenance.get("licence", "unknown"))
    for_images = card.legend is not None and is_dated(scene) and not any(source.dates for source in card.sources)
    if card.classifies_scenes or for_images:
        weights = {name.removeprefix("encoder."): weights[name] for name in weights if name.startswith("encoder.")}
    if card.legend is None or card.classifies_scenes or for_images:
        entry = card.architecture["encoder"]
        start = adapted_start(scene, entry, card.sources, licence, pooling)
        fill(weighted_part(start.encoder, entry), start.encoder.used(weights), path)
        return replace(start, pretrained=card.provenance.get("method") != UNTRAINED)
    # To go on learning, all sources are needed, also those that the checkpoint can classify without.
    check_scene(replace(card, sources=tuple(replace(s, optional=False) for s in card.sources)), scene, path)
    previous = build_segmenter(card)
    fill(previous, weights, path)
    sources = bound(card, scene)
    previous.encoder.bind(sources)
    head = card.architecture["head"]
    default = _default_head(card.architecture)
    # A decoder goes on; a light classifier of features makes way for one.
    kept = default if head["name"] == "linear" else head
    return Start(
        encoder=previous.encoder,
        card=Card(card.architecture, sources, card.tile, card.halo, None, {}),
        head=kept,
        pretrained=True,
        previous=previous if kept == head else None,
        licence=licence,
    )


def adapted_start(
    scene: Scene, encoder: dict[str, Any], sources: Sequence[SourceCard], licence: str, pooling: str = AUTO
) -> Start:
    """Returns an encoder, still without its weights, as it is used on a scene.

    Raises:
        CheckpointError: If the scene lacks what it needs.
    """
    arguments = dict(encoder)
    name = arguments.pop("name")
    if EMBEDDING in scene.roles:
        raise CheckpointError(
            f"The checkpoint's encoder '{name}' computes features of images, and the embedding raster "
            f"'{scene.source(EMBEDDING).layer}' holds features already; the two are not combined.",
            "Leave out the checkpoint, or the embedding raster.",
        )
    adapted = encoder_class(name).adapted(sources, arguments, offer_of(scene))
    closed = dated_sources(scene, [with_statistics(scene, source) for source in adapted.sources])
    entry = over_time(scene, {"name": name, **adapted.arguments}, pooling)
    return _started({"encoder": entry}, closed, True, adapted.warnings, licence)


def offer_of(scene: Scene) -> SceneOffer:
    """Returns what a scene offers to an encoder."""
    longitude, latitude = scene.grid.centre
    return SceneOffer(
        tuple(
            SourceOffer(s.role, s.layer, s.match.sensor, s.bands, s.conversion.canonical, s.grid.gsd, s.dates)
            for s in scene.sources
        ),
        scene.month,
        longitude,
        latitude,
    )


def with_statistics(scene: Scene, source: SourceCard) -> SourceCard:
    """Returns a source whose normalisation has numbers: where it was left to the scene, those of its valid pixels."""
    scaling = source.normalisation
    if not scaling.is_open:
        return source
    pixels = scene.sample(source.role, source.bands).astype(np.float64)
    if scaling.method == "scene-maximum":
        offset = np.array(scaling.offset)
        scale = pixels.max(axis=1) - offset
    elif scaling.method == "scene-z-score":
        offset, scale = pixels.mean(axis=1), pixels.std(axis=1)
    else:
        std = pixels.std(axis=1)
        offset, scale = pixels.mean(axis=1) - 2 * std, 4 * std
    scale = np.maximum(scale, 1e-6)
    clip = None if scaling.method == "scene-z-score" else (0.0, 1.0)
    numbers = Normalisation(scaling.method, tuple(map(float, offset)), tuple(map(float, scale)), clip)
    return replace(source, normalisation=numbers)


def _started(
    architecture: dict[str, Any], sources: tuple[SourceCard, ...], pretrained: bool, warnings: tuple[str, ...],
    licence: str = "the user's own",
) -> Start:  # fmt: skip
    encoder = build_encoder(architecture, sources)
    card = Card(architecture, sources, encoder.tile, encoder.halo)
    return Start(encoder, card, _default_head(architecture), pretrained, None, licence, warnings)


def _default_head(architecture: dict[str, Any]) -> dict[str, Any]:
    """A U-Net's decoder is its own; other encoders get a convolutional one."""
    if architecture["encoder"]["name"] in WHOLE:
        return {"name": "linear", "context": False}
    return {"name": "convolutional", "context": True}


def three_sigma_card(scene: Scene, source: Source) -> SourceCard:
    """Returns what a new network expects of a source: all its bands, by the 3-sigma scaling of the seed slides.

    x' = clip((x − (μ − 3σ)) / 6σ, 0, 1), with μ and σ over valid pixels of the scene.
    """
    bands: Sequence[str] = source.bands
    pixels = scene.sample(source.role, bands)
    mean = pixels.mean(axis=1, dtype=np.float64)
    std = np.maximum(pixels.std(axis=1, dtype=np.float64), 1e-6)
    scaling = Normalisation("3-sigma", tuple(map(float, mean - 3 * std)), tuple(map(float, 6 * std)), (0.0, 1.0))
    return SourceCard(
        source.role, source.match.sensor, tuple(bands), source.conversion.canonical, source.grid.gsd, scaling,
        dates=source.dates,
    )  # fmt: skip
