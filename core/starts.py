"""Where fine-tuning starts from: which encoder, with which weights and which normalisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..models import galileo_features
from ..models.checkpoints import fill, is_published, load_published, load_weights
from ..models.context import BandContext
from ..models.segmenter import Segmenter, build_encoder, build_segmenter, new_head
from .cards import Card, Normalisation, SourceCard, read_card
from .fit import check_scene
from .scenes import Scene, Source
from .specs import FinetuneSpec

DEFAULT_MONTH = 7
RANDOM_FILTERS = 128


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

    encoder: Any
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
        context = BandContext(self.sources) if arguments.pop("context", False) else None
        return Segmenter(self.encoder, context, new_head(name, self.encoder, context, classes, **arguments))


def starting_point(spec: FinetuneSpec, scene: Scene) -> Start:
    """Chooses the encoder for a spec: that of its checkpoint, or a default one.

    Raises:
        CheckpointError: If the checkpoint cannot be read, or does not fit the scene.
    """
    if not spec.checkpoint:
        return _random_features(scene, spec.seed) if spec.mode == "frozen" else _from_scratch(scene, spec)
    if is_published(spec.checkpoint):
        return _galileo(scene, spec.checkpoint)
    return _own_checkpoint(scene, spec.checkpoint)


def _random_features(scene: Scene, seed: int) -> Start:
    """The default: no download, no pretraining."""
    return _new(scene, {"name": "random-features", "filters": RANDOM_FILTERS, "seed": seed}, ())


def _from_scratch(scene: Scene, spec: FinetuneSpec) -> Start:
    warnings: tuple[str, ...] = ()
    if spec.mode == "decoder":
        warnings = (
            "Without a checkpoint there is no trained encoder to keep: the whole U-Net is trained from scratch.",
        )
    return _new(scene, {"name": "unet", "encoder": spec.timm_encoder}, warnings)


def _new(scene: Scene, encoder: dict[str, Any], warnings: tuple[str, ...]) -> Start:
    sources = tuple(three_sigma_card(scene, source) for source in scene.sources)
    return _started({"encoder": encoder}, sources, False, warnings)


def _galileo(scene: Scene, path: str) -> Start:
    weights, encoder = load_published(path)
    sources = tuple(galileo_features.source_card(s.role, s.match.sensor, s.bands, s.grid.gsd) for s in scene.sources)
    month = scene.month or DEFAULT_MONTH
    warnings = [
        f"Galileo was pretrained on Sentinel-2 L1C; '{source.layer}' is L2A. The map is usually good all the same; "
        "with L1C it may be better."
        for source in scene.sources
        if source.match.sensor == "sentinel-2-l2a"
    ]
    if scene.month is None:
        warnings.append("The scene's date is not known; Galileo takes it for July.")
    start = _started(
        {"encoder": encoder | {"month": month}}, sources, True, tuple(warnings), "MIT (Galileo, NASA Harvest)"
    )
    start.encoder.galileo.load_state_dict(weights.state_dict())
    return start


def _own_checkpoint(scene: Scene, path: str) -> Start:
    card = read_card(path)
    check_scene(card, scene, path)
    weights = load_weights(path)
    previous = build_segmenter(card) if card.legend is not None else None
    encoder = previous.encoder if previous is not None else build_encoder(card.architecture, card.sources)
    fill(previous if previous is not None else encoder, weights, path)
    head = card.architecture.get("head")
    default = _default_head(card.architecture)
    kept = (
        head
        if head and (card.architecture["encoder"]["name"] == "unet" or head["name"] == default["name"])
        else default
    )
    return Start(
        encoder=encoder,
        card=Card(card.architecture, card.sources, card.tile, card.halo, None, {}),
        head=kept,
        pretrained=True,
        previous=previous if kept == head else None,
        licence=str(card.provenance.get("licence", "unknown")),
    )


def _started(
    architecture: dict[str, Any], sources: tuple[SourceCard, ...], pretrained: bool, warnings: tuple[str, ...],
    licence: str = "the user's own",
) -> Start:  # fmt: skip
    encoder: Any = build_encoder(architecture, sources)
    card = Card(architecture, sources, encoder.tile, encoder.halo)
    return Start(encoder, card, _default_head(architecture), pretrained, None, licence, warnings)


def _default_head(architecture: dict[str, Any]) -> dict[str, Any]:
    """A U-Net's decoder is its own; other encoders get a convolutional one."""
    if architecture["encoder"]["name"] == "unet":
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
        source.role, source.match.sensor, tuple(bands), source.conversion.canonical, source.grid.gsd, scaling
    )
