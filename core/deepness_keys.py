"""Deepness' keys: how the QGIS plugin Deepness, and GeoDeep after it, describe ONNX networks in their metadata.

Written into what LandSketch exports, and read from networks that others made. Keys and conventions are those of
https://github.com/PUTvision/qgis-plugin-deepness (`processing/models/model_base.py`) and
https://github.com/uav4geo/GeoDeep (`inference.py`): every value is JSON; images are bands first and divided by 255.
Deepness divides whatever values they hold, and then standardises. GeoDeep knows neither mean nor standard deviation,
divides by 255 what has eight bits, and takes three bands only.
"""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from typing import Any, Dict, Optional, Tuple

from .cards import BY_POSITION, Card, Normalisation, SourceCard
from .errors import CheckpointError, LabelError
from .legend import MAX_VALUE, ClassLegend
from .onnx_card import DOUBLE, FLOAT, FLOAT16, Port, Tiling, read_metadata, read_ports

SCALE = 255.0
"""What Deepness divides values by."""

SEGMENTOR = "Segmentor"
"""The type of models that give each pixel a class."""

_TYPE, _CLASSES, _RESOLUTION, _OVERLAP = "model_type", "class_names", "resolution", "tiles_overlap"
_TILE, _TILE_TOO = "tile_size", "tiles_size"
"""Deepness' code reads the first, its handbook knows the second."""
_MEAN, _STD, _THRESHOLD, _SMALL = "standardization_mean", "standardization_std", "seg_thresh", "seg_small_segment"

DEFAULT_OVERLAP = 15.0
"""Percent of the tile by which tiles overlap where the file does not say: what Deepness' panel offers."""

DEFAULT_SIDE = 512
"""Side in pixels of windows where neither the network nor the keys say one."""

FREE_ALIGNMENT = 32
"""Networks that take windows of any size mostly want multiples of this: they halve the resolution five times."""

_MOST_BANDS = 32
"""A last axis with more elements is no axis of bands."""

_HINT = "Choose a network that LandSketch exported, or one that segments and has Deepness' keys."


@dataclass(frozen=True)
class Foreign:
    """A network that segments, with Deepness' keys.

    Attributes:
        image: Its input.
        output: Its first output.
        outputs: How many outputs it has.
        bands_last: Whether images go in as (batch, y, x, band) instead of (batch, band, y, x).
        channels: Channels of its output; 0 where it does not say.
        side: Side in pixels of the only windows that it takes; 0 where it takes any.
        batch: The only number of windows that it takes at once; 0 where it takes any.
        classes: Names of the classes, in the order of the channels; two for a single channel.
        mean: Of each band, after the division by 255.
        std: Of each band, after the division by 255.
        tile: Side in pixels of the windows it is best run with.
        overlap: By how much of their side windows overlap, in percent.
        gsd: Ground sampling distance in metres; 0 where it does not say.
        threshold: Probability from which a pixel is of the class of a single channel; also, what is left out of the map
            below it in Deepness.
        keys: The keys, as they stand in the file.
    """

    image: Port
    output: Port
    outputs: int
    bands_last: bool
    channels: int
    side: int
    batch: int
    classes: Tuple[str, ...]
    mean: Tuple[float, ...]
    std: Tuple[float, ...]
    tile: int
    overlap: float
    gsd: float
    threshold: float
    keys: Dict[str, str]

    @property
    def halo(self) -> int:
        """Pixels at each side of a window that only serve as context: half the overlap, which Deepness cuts off."""
        return min(int(self.tile * self.overlap / 200), self.tile // 4)

    @property
    def tiling(self) -> Tiling:
        """What planning tiles needs to know."""
        return Tiling(1 if self.side else FREE_ALIGNMENT, self.halo // 2, self.side)

    @property
    def card(self) -> Card:
        """The card that the keys amount to: bands by their position in the file, values as they are stored."""
        bands = tuple(f"band {i + 1}" for i in range(len(self.mean)))
        scaling = Normalisation(
            "z-score", tuple(SCALE * mean for mean in self.mean), tuple(SCALE * std for std in self.std)
        )
        return Card(
            architecture={"name": "foreign-onnx"},
            sources=(SourceCard("optical", BY_POSITION, bands, "raw", self.gsd, scaling),),
            tile=self.tile - 2 * self.halo,
            halo=self.halo,
            legend=ClassLegend.from_names(self.classes),
            provenance={"method": "a network of others, described by Deepness' keys", "keys": self.keys},
        )


def keys_of(card: Card, side: int) -> Dict[str, str]:
    """Returns Deepness' keys for a network of one source that takes values divided by 255 and gives probabilities.

    Args:
        card: Its card, with a legend.
        side: Side in pixels of the windows that it takes; 0 where it takes any.
    """
    (source,) = card.sources
    window = side or card.tile + 2 * card.halo
    names = card.legend.names if card.legend else ()
    values: Dict[str, Any] = {
        _TYPE: SEGMENTOR,
        _CLASSES: {str(i): name for i, name in enumerate(names)},
        _TILE: window,
        _TILE_TOO: window,
        # Rounded up, so that no pixel is taken from a window's halo.
        _OVERLAP: -(-200 * card.halo // window),
        _MEAN: [0.0] * len(source.bands),
        _STD: [1.0] * len(source.bands),
        # Neither is in LandSketch's map.
        _THRESHOLD: 0.0,
        _SMALL: 0,
    }
    if source.gsd:
        values[_RESOLUTION] = 100 * source.gsd
    return {key: json.dumps(value) for key, value in values.items()}


def read_foreign(path: str) -> Foreign:
    """Reads what Deepness' keys and the network of an ONNX file say.

    Raises:
        CheckpointError: If it has no such keys, does another thing than segment, or contradicts itself.
    """
    keys = _Keys(path, read_metadata(path))
    _check_type(keys)
    ports = read_ports(path)
    if len(ports.inputs) != 1 or not ports.outputs:
        raise CheckpointError(
            f"The network '{path}' takes {len(ports.inputs)} inputs; one image is expected, as in Deepness.", _HINT
        )
    image, output = ports.inputs[0], ports.outputs[0]
    mean, std = keys.numbers(_MEAN), keys.numbers(_STD)
    bands_last, bands, side = _layout(path, image, max(len(mean), len(std)))
    channels = _channels(path, output, bands_last, side)
    tile = side or int(keys.number(_TILE, keys.number(_TILE_TOO, DEFAULT_SIDE)))
    overlap, resolution = keys.number(_OVERLAP, DEFAULT_OVERLAP), keys.number(_RESOLUTION, 0.0)
    if tile < 1 or not 0 <= overlap < 100 or resolution < 0:
        raise keys.damaged(f"a tile of {tile} pixels, {overlap:g} % overlap, {resolution:g} cm per pixel")
    return Foreign(
        image=image,
        output=output,
        outputs=len(ports.outputs),
        bands_last=bands_last,
        channels=channels,
        side=side,
        batch=image.shape[0],
        classes=_classes(keys, channels),
        mean=_of_bands(keys, mean or (0.0,), bands),
        std=_of_bands(keys, std or (1.0,), bands, least=1e-12),
        tile=tile,
        overlap=overlap,
        gsd=resolution / 100,
        threshold=keys.number(_THRESHOLD, 0.5),
        keys=keys.all(),
    )


class _Keys:
    """Deepness' keys in the metadata of a file."""

    def __init__(self, path: str, metadata: Dict[str, str]) -> None:
        self.path = path
        self._metadata = metadata

    def all(self) -> Dict[str, str]:
        """Returns those that segmenting knows."""
        known = (
            _TYPE, _CLASSES, "names", _RESOLUTION, _TILE, _TILE_TOO, _OVERLAP, _MEAN, _STD, _THRESHOLD, _SMALL
        )  # fmt: skip
        return {key: self._metadata[key] for key in known if key in self._metadata}

    def value(self, key: str) -> Any:
        """Returns the value of a key, or None; what Python writes for a dictionary is taken too, as in Deepness."""
        text = self._metadata.get(key)
        if text is None:
            return None
        try:
            return json.loads(text)
        except ValueError:
            pass
        if text.isidentifier():
            return text
        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
            raise self.damaged(f"{key} = {text[:80]}") from error

    def number(self, key: str, default: float) -> float:
        """Returns a number."""
        value = self.value(key)
        try:
            return default if value is None else float(value)
        except (TypeError, ValueError) as error:
            raise self.damaged(f"{key} = {value!r}") from error

    def numbers(self, key: str) -> Tuple[float, ...]:
        """Returns a list of numbers; empty where there is none."""
        value = self.value(key)
        try:
            return tuple(map(float, value or ()))
        except (TypeError, ValueError) as error:
            raise self.damaged(f"{key} = {value!r}") from error

    def damaged(self, what: str) -> CheckpointError:
        """Returns the error for what cannot be."""
        return CheckpointError(
            f"The network '{self.path}' describes itself with {what}, which cannot be.", "Ask who made it."
        )


def _check_type(keys: _Keys) -> None:
    kind = keys.value(_TYPE)
    if kind is None:
        raise CheckpointError(
            f"'{keys.path}' is an ONNX model without a LandSketch card and without Deepness' keys (model_type, "
            "class_names, ...): it does not say which bands it takes, how they are scaled, and what its classes are.",
            _HINT,
        )
    if str(kind).lower() != SEGMENTOR.lower():
        raise CheckpointError(
            f"'{keys.path}' is a network of the kind '{kind}'; LandSketch classifies with those that give each pixel "
            f"a class ('{SEGMENTOR}').",
            "Run it in Deepness, or choose another network.",
        )


def _layout(path: str, image: Port, stated: int) -> Tuple[bool, int, int]:
    """Returns whether bands come last, how many there are, and the side of windows or 0 where it is free."""
    if len(image.shape) != 4 or image.element not in (FLOAT, FLOAT16, DOUBLE):
        raise CheckpointError(
            f"The network '{path}' takes '{image.name}' of {len(image.shape)} axes (element type {image.element}); "
            "images of four axes and of floating point numbers are expected.",
            _HINT,
        )
    _, first, middle, last = image.shape
    if stated and stated in (first, last):
        bands_last = first != stated
    else:
        bands_last = 0 < last <= _MOST_BANDS and not 0 < first <= _MOST_BANDS
    bands = (last if bands_last else first) or stated
    height, width = (first, middle) if bands_last else (middle, last)
    if not bands:
        raise CheckpointError(f"The network '{path}' does not say how many bands it takes.", _HINT)
    if height != width:
        raise CheckpointError(
            f"The network '{path}' takes windows of {width or 'any'} × {height or 'any'} pixels; squares are expected.",
            _HINT,
        )
    return bands_last, bands, height


def _channels(path: str, output: Port, bands_last: bool, side: int) -> int:
    """Returns the channels of an output, 0 where it does not say."""
    if output.element not in (FLOAT, FLOAT16, DOUBLE) or len(output.shape) not in (0, 3, 4):
        raise CheckpointError(
            f"The network '{path}' gives '{output.name}' of {len(output.shape)} axes (element type {output.element}); "
            "a score for each class and pixel is expected.",
            _HINT,
        )
    channel = {3: 0, 4: 3 if bands_last else 1}.get(len(output.shape), 0)
    sides = [size for axis, size in enumerate(output.shape) if axis not in (0, channel)]
    if side and any(size not in (0, side) for size in sides):
        raise CheckpointError(
            f"The network '{path}' gives maps of {' × '.join(map(str, sides))} pixels for windows of {side} × {side}; "
            "one of the same size is expected.",
            _HINT,
        )
    if len(output.shape) == 3:
        return 1
    return output.shape[channel] if output.shape else 0


def _classes(keys: _Keys, channels: int) -> Tuple[str, ...]:
    names = _names(keys)
    single = channels == 1 or (not channels and len(names) == 1)
    if not names:
        names = ("object",) if single else tuple(f"channel {i}" for i in range(channels))
    if single and len(names) == 1:
        names = ("background", *names)
    expected = 2 if single else channels or len(names)
    if len(names) != expected or not 2 <= len(names) <= MAX_VALUE:
        raise CheckpointError(
            f"The network '{keys.path}' gives {channels or 'unknown'} channels and names {len(names)} classes "
            f"({', '.join(names)[:200]}).",
            "One name for each channel is expected; ask who made it.",
        )
    try:
        return ClassLegend.from_names(names).names
    except LabelError as error:
        raise keys.damaged(f"the classes {', '.join(names)[:200]}") from error


def _names(keys: _Keys) -> Tuple[str, ...]:
    """Returns the names of the classes by channel; those of the first output where there are several."""
    value: Optional[Any] = keys.value(_CLASSES)
    if value is None:
        value = keys.value("names")  # of early models
    if isinstance(value, list) and value and isinstance(value[0], dict):
        value = value[0]
    if value is None:
        return ()
    if isinstance(value, list):
        return tuple(map(str, value))
    try:
        by_number = sorted((int(number), str(name)) for number, name in value.items())
    except (AttributeError, TypeError, ValueError) as error:
        raise keys.damaged(f"{_CLASSES} = {value!r}"[:200]) from error
    if [number for number, _ in by_number] != list(range(len(by_number))):
        raise keys.damaged(f"classes numbered {', '.join(str(number) for number, _ in by_number)}")
    return tuple(name for _, name in by_number)


def _of_bands(keys: _Keys, values: Tuple[float, ...], bands: int, least: Optional[float] = None) -> Tuple[float, ...]:
    """Returns one value for each band; a single one is that of all."""
    if len(values) == 1:
        values = values * bands
    if len(values) != bands:
        raise keys.damaged(f"{len(values)} means or standard deviations for {bands} bands")
    if not all(abs(value) < 1e30 for value in values) or (least is not None and min(values) < least):
        raise keys.damaged(f"means or standard deviations of {', '.join(f'{value:g}' for value in values)}")
    return values
