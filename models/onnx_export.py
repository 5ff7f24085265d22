"""Networks as ONNX: for runtimes that are faster than torch, and for engines without it."""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx.helper import set_model_props
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from ..core.cards import METADATA_KEY, Card, SourceCard
from ..core.deepness_keys import SCALE, keys_of
from ..core.errors import CheckpointError
from ..core.onnx_card import OUTPUT, TILING_KEY, Tiling
from ..core.outputs import finished
from ..core.telemetry import import_onnxruntime
from .encoders.windows import WindowedEncoder
from .segmenter import Segmenter

onnxruntime = import_onnxruntime()

OPSET = 17
"""Of the operators written: ONNX Runtime reads it since 1.13, OpenVINO since 2023."""

TOLERANCE = 1e-4
"""Largest difference of a probability between torch and the written network."""

_SIDE = 64
"""Smallest side in pixels of the windows that a network is traced with and compared on."""

_TracerWarning: type[Warning] = torch.jit.TracerWarning  # type: ignore[attr-defined]

Shape = tuple[int, int, int]
"""Batch, y, x."""


@dataclass(frozen=True)
class Exported:
    """A network as ONNX.

    Attributes:
        content: The content of an ONNX file.
        tiling: What windows it takes, and how they are fed.
        difference: Largest difference of a probability from the network's.
    """

    content: bytes
    tiling: Tiling
    difference: float


class ExportError(CheckpointError):
    """A network cannot be written as ONNX so that it computes the same; it can still be run with torch."""


def exported(network: Segmenter, card: Card, window_side: int, fixed: bool = False) -> Exported:
    """Returns a network as ONNX, as others shall use it.

    It has one float32 input per role, named like it: (batch, band, y, x), NaN for no data. The output `probabilities`
    is (batch, class, y, x), after softmax. The batch may be of any size, and so may windows, where the network allows
    it: multiples of its alignment.

    A network of several sources takes canonical units. One of a single source takes them divided by 255, as Deepness
    and GeoDeep divide what they read, so that it computes the same there. They have zeros for no data, which is no
    data here too where it is when LandSketch reads: for Sentinel-2 and radar.

    Args:
        network: In evaluation mode.
        card: Its card.
        window_side: Side of the windows in pixels, for a network that is bound to one size.
        fixed: Whether it is bound to that size in any case, as Deepness' panel and GeoDeep need it.

    Raises:
        ExportError: If the network does not compute the same as ONNX.
    """
    return _exported(network, card.sources, window_side, _Feed.of(card) if has_keys(card) else _Feed(), fixed)


def has_keys(card: Card) -> bool:
    """Whether Deepness' keys can describe a network: they know one image."""
    return len(card.sources) == 1


def described(model: Exported, card: Card) -> bytes:
    """Returns the content of an ONNX file with the card, what planning tiles needs to know, and Deepness' keys."""
    proto = onnx.load_from_string(model.content)
    keys = keys_of(card, model.tiling.side) if has_keys(card) else {}
    ours = {METADATA_KEY: json.dumps(card.to_json()), TILING_KEY: json.dumps(model.tiling.to_json())}
    set_model_props(proto, {**keys, **ours})
    content: bytes = proto.SerializeToString()
    return content


def export_onnx(network: Segmenter, card: Card, path: str, window_side: int, fixed: bool = False) -> None:
    """Writes what `exported` and `described` return.

    Raises:
        ExportError: If the network does not compute the same as ONNX.
        OutputError: If the file cannot be written.
    """
    content = described(exported(network, card, window_side, fixed), card)
    with finished(path) as temporary:
        Path(temporary).write_bytes(content)


def onnx_of_any_side(network: Segmenter, sources: Sequence[SourceCard]) -> bytes:
    """Returns what `onnx_bytes` does for a network that takes windows of any size.

    Raises:
        ExportError: If it is bound to one size, or does not compute the same as ONNX.
    """
    return _of_any_side(network, sources, _Feed()).content


def onnx_bytes(network: Segmenter, sources: Sequence[SourceCard], window_side: int) -> bytes:
    """Returns a network as ONNX without a card, in canonical units, for a runtime of this process.

    Raises:
        ExportError: If the network does not compute the same as ONNX.
    """
    return _exported(network, sources, window_side, _Feed(), fixed=False).content


@dataclass(frozen=True)
class _Feed:
    """How values come in.

    Attributes:
        scale: What canonical units are divided by.
        zero_is_no_data: Whether zero in all bands stands for no data, as well as NaN.
    """

    scale: float = 1.0
    zero_is_no_data: bool = False

    @classmethod
    def of(cls, card: Card) -> _Feed:
        """Returns how Deepness and GeoDeep feed the network of a card with one source."""
        (source,) = card.sources
        return cls(SCALE, source.role == "sar" or source.sensor.startswith("sentinel-2"))

    def canonical(self, image: Tensor) -> Tensor:
        """From what comes in to canonical units, NaN for no data."""
        if self.zero_is_no_data:
            known = image.nan_to_num(1.0)  # a comparison with NaN is not the same in all runtimes
            empty = (known.abs().amax(dim=1, keepdim=True) == 0).expand_as(image)
            image = torch.where(empty, torch.full_like(image, torch.nan), image)
        return image * self.scale if self.scale != 1 else image

    def fed(self, image: NDArray[np.float32]) -> NDArray[np.float32]:
        """From canonical units, NaN for no data, to what comes in."""
        if self.zero_is_no_data:
            image = np.where(np.isnan(image).all(axis=1, keepdims=True), np.float32(0), image)
        return image / np.float32(self.scale)


def _exported(
    network: Segmenter, sources: Sequence[SourceCard], window_side: int, feed: _Feed, fixed: bool
) -> Exported:
    """Returns the model, for windows of any size where it may be."""
    if not fixed:
        with suppress(ExportError):
            return _of_any_side(network, sources, feed)
    model = _trace(network, sources, (2, window_side, window_side), feed, any_side=False)
    # Another number of windows than the traced one shows that it is free; large networks take seconds for each.
    difference = _check(network, model, sources, [(1, window_side, window_side)], feed)
    tiling = Tiling(network.encoder.alignment, network.encoder.ramp, window_side, feed.scale)
    return Exported(model, tiling, difference)


def _of_any_side(network: Segmenter, sources: Sequence[SourceCard], feed: _Feed) -> Exported:
    """Returns the model for windows of any size."""
    if isinstance(network.encoder, WindowedEncoder):
        raise _refusal("the lattice of its windows is that of one size.")
    align = network.encoder.alignment
    side = -(-_SIDE // align) * align
    model = _trace(network, sources, (2, side, side), feed, any_side=True)
    # Sizes other than the traced one show what tracing has fixed.
    difference = _check(network, model, sources, [(1, side + align, side), (2, side, side + 2 * align)], feed)
    return Exported(model, Tiling(align, network.encoder.ramp, 0, feed.scale), difference)


def _trace(network: Segmenter, sources: Sequence[SourceCard], shape: Shape, feed: _Feed, any_side: bool) -> bytes:
    """Returns the model as traced on windows of a shape.

    The exporter is torch's older one: it takes a fifth of the time of the newer one.
    """
    if any(source.dates or source.step > 1 for source in sources):
        raise _refusal("it reads time stacks, and a file would hold the dates of one of them.")
    roles = [source.role for source in sources]
    axes = {0: "batch", 2: "y", 3: "x"} if any_side else {0: "batch"}
    file: Any = io.BytesIO()  # which this exporter takes, whatever the signature of the newer one says
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter is going to be replaced, which the lower bound of torch is for
        # Python code that depends on a tensor's content: the trace holds one of its branches only.
        warnings.simplefilter("error", _TracerWarning)
        # PyTorch's own layers only compare sizes that are always the same.
        warnings.filterwarnings("ignore", category=_TracerWarning, module=r"torch\.")
        try:
            with torch.no_grad():  # or else everything computed is kept for gradients
                torch.onnx.export(
                    _Probabilities(network, roles, feed).eval(),
                    tuple(_sample(network, sources, shape).values()),
                    file,
                    dynamo=False,
                    opset_version=OPSET,
                    input_names=roles,
                    output_names=[OUTPUT],
                    dynamic_axes=dict.fromkeys([*roles, OUTPUT], axes),
                )
        except (_TracerWarning, SystemError) as error:  # what the warning becomes inside a comparison of tensors
            raise _refusal("its code decides by what is in the windows, or by how many there are.") from error
        except (RuntimeError, TypeError, ValueError) as error:
            raise _refusal(str(error)) from error
    return file.getvalue()


def _check(
    network: Segmenter, model: bytes, sources: Sequence[SourceCard], shapes: Sequence[Shape], feed: _Feed
) -> float:
    """Checks that a model gives the network's probabilities on windows of some shapes.

    Returns:
        The largest difference.

    Raises:
        ExportError: If it does not.
    """
    largest = 0.0
    for shape in shapes:
        images = _sample(network, sources, shape)
        try:
            with torch.inference_mode():
                expected = network(images).float().softmax(dim=1).cpu().numpy()
            computed = _run(model, {role: feed.fed(image.cpu().numpy()) for role, image in images.items()})
        except RuntimeError as error:
            raise _refusal(str(error)) from error
        if computed.shape != expected.shape:
            raise _refusal(f"the result has the shape {computed.shape} instead of {expected.shape}.")
        difference = float(np.abs(computed - expected).max())
        if not difference <= TOLERANCE:  # also when it is NaN
            raise _refusal(f"probabilities would differ by {difference:.2g}.")
        largest = max(largest, difference)
    return largest


def _run(model: bytes, images: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    """Computes probabilities with ONNX Runtime.

    Raises:
        RuntimeError: If it cannot.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # windows are small
    options.log_severity_level = 4  # fatal ones only; errors are raised all the same
    try:
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        probabilities: NDArray[np.float32] = session.run([OUTPUT], images)[0]
    except Exception as error:  # its errors have no common class
        raise RuntimeError(str(error)) from error
    return probabilities


def _refusal(reason: str) -> ExportError:
    first = reason.strip().splitlines()[0] if reason.strip() else "no reason given"
    return ExportError(f"The network cannot be written as ONNX: {first[:300]}", "Run it with torch.")


def _sample(network: Segmenter, sources: Sequence[SourceCard], shape: Shape) -> dict[str, Tensor]:
    """Returns windows of random values, of which some pixels lack all bands and some a single one."""
    batch, height, width = shape
    generator = torch.Generator().manual_seed(height * width + batch)
    device = next(chain(network.parameters(), network.buffers())).device
    images = {}
    for index, source in enumerate(sources):
        scaling = source.normalisation
        # A little beyond 0 to 1, for the clipping.
        image = torch.rand(batch, len(source.bands), height, width, generator=generator) * 1.2 - 0.1
        image = image * torch.tensor(scaling.scale).view(1, -1, 1, 1) + torch.tensor(scaling.offset).view(1, -1, 1, 1)
        image[:, :, : height // 4, : width // 3 + index] = torch.nan
        image[:, -1, height // 2 : height // 2 + 5, index:] = torch.nan
        images[source.role] = image.to(device)
    return images


class _Probabilities(nn.Module):
    """A segmenter as ONNX knows networks: one tensor per role in, class probabilities out."""

    def __init__(self, network: Segmenter, roles: Sequence[str], feed: _Feed) -> None:
        super().__init__()
        self.network = network
        self.roles = tuple(roles)
        self.feed = feed

    def forward(self, *images: Tensor) -> Tensor:
        """One (batch, band, y, x) per role → (batch, class, y, x)."""
        canonical = {role: self.feed.canonical(image) for role, image in zip(self.roles, images, strict=True)}
        with _KeepNan():
            logits: Tensor = self.network(canonical)
        return logits.softmax(dim=1)


class _KeepNan(TorchFunctionMode):
    """Has clipping keep NaN by an operation of its own.

    The ONNX standard does not say what Clip makes of NaN: on the CPU, ONNX Runtime keeps it as torch does, OpenVINO
    makes it the lower bound, which turned no data into dark pixels.
    """

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        return torch.where(args[0].isnan(), args[0], result) if func in (Tensor.clamp, torch.clamp) else result
