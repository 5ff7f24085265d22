"""Networks as ONNX: for runtimes that are faster than torch, and for engines without it."""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
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
from ..core.errors import CheckpointError
from ..core.onnx_card import OUTPUT, TILING_KEY, Tiling
from ..core.outputs import finished
from ..core.telemetry import import_onnxruntime
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


class ExportError(CheckpointError):
    """A network cannot be written as ONNX so that it computes the same; it can still be run with torch."""


def export_onnx(network: Segmenter, card: Card, path: str, window_side: int) -> None:
    """Writes a network with its card and what tiling needs to know of it.

    The file has one float32 input per role, named like it: (batch, band, y, x) in canonical units, NaN for no data. The
    output `probabilities` is (batch, class, y, x), after softmax. The batch may be of any size, and so may windows,
    where the network allows it: multiples of its alignment.

    Args:
        network: In evaluation mode.
        card: Its card.
        path: The file to write.
        window_side: Side of the windows in pixels, for a network that is bound to one size.

    Raises:
        ExportError: If the network does not compute the same as ONNX.
        OutputError: If the file cannot be written.
    """
    model, side = _exported(network, card.sources, window_side)
    tiling = Tiling(network.encoder.alignment, network.encoder.ramp, side)
    proto = onnx.load_from_string(model)
    set_model_props(proto, {METADATA_KEY: json.dumps(card.to_json()), TILING_KEY: json.dumps(tiling.to_json())})
    with finished(path) as temporary:
        Path(temporary).write_bytes(proto.SerializeToString())


def onnx_bytes(network: Segmenter, sources: Sequence[SourceCard], window_side: int) -> bytes:
    """Returns a network as ONNX without a card, for a runtime of this process; see `export_onnx`.

    Raises:
        ExportError: If the network does not compute the same as ONNX.
    """
    return _exported(network, sources, window_side)[0]


def _exported(network: Segmenter, sources: Sequence[SourceCard], window_side: int) -> tuple[bytes, int]:
    """Returns the model, and the side of its windows or 0 where they may be of any size."""
    align = network.encoder.alignment
    side = -(-_SIDE // align) * align
    with suppress(ExportError):
        model = _trace(network, sources, (2, side, side), any_side=True)
        # Sizes other than the traced one show what tracing has fixed.
        _check(network, model, sources, [(1, side + align, side), (2, side, side + 2 * align)])
        return model, 0
    model = _trace(network, sources, (2, window_side, window_side), any_side=False)
    _check(network, model, sources, [(1, window_side, window_side), (2, window_side, window_side)])
    return model, window_side


def _trace(network: Segmenter, sources: Sequence[SourceCard], shape: Shape, any_side: bool) -> bytes:
    """Returns the model as traced on windows of a shape.

    The exporter is torch's older one: it takes a fifth of the time of the newer one.
    """
    roles = [source.role for source in sources]
    axes = {0: "batch", 2: "y", 3: "x"} if any_side else {0: "batch"}
    file: Any = io.BytesIO()  # which this exporter takes, whatever the signature of the newer one says
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter is going to be replaced, which the lower bound of torch is for
        # Python code that depends on a tensor's content: the trace holds one of its branches only.
        warnings.simplefilter("error", _TracerWarning)
        try:
            torch.onnx.export(
                _Probabilities(network, roles).eval(),
                tuple(_sample(network, sources, shape).values()),
                file,
                dynamo=False,
                opset_version=OPSET,
                input_names=roles,
                output_names=[OUTPUT],
                dynamic_axes=dict.fromkeys([*roles, OUTPUT], axes),
            )
        except _TracerWarning as error:
            raise _refusal("its code decides by what is in the windows, or by how many there are.") from error
        except (RuntimeError, TypeError, ValueError) as error:
            raise _refusal(str(error)) from error
    return file.getvalue()


def _check(network: Segmenter, model: bytes, sources: Sequence[SourceCard], shapes: Sequence[Shape]) -> None:
    """Checks that a model gives the network's probabilities on windows of some shapes.

    Raises:
        ExportError: If it does not.
    """
    for shape in shapes:
        images = _sample(network, sources, shape)
        try:
            with torch.inference_mode():
                expected = network(images).float().softmax(dim=1).cpu().numpy()
            computed = _run(model, {role: image.cpu().numpy() for role, image in images.items()})
        except RuntimeError as error:
            raise _refusal(str(error)) from error
        if computed.shape != expected.shape:
            raise _refusal(f"the result has the shape {computed.shape} instead of {expected.shape}.")
        difference = np.abs(computed - expected).max()
        if not difference <= TOLERANCE:  # also when it is NaN
            raise _refusal(f"probabilities would differ by {difference:.2g}.")


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

    def __init__(self, network: Segmenter, roles: Sequence[str]) -> None:
        super().__init__()
        self.network = network
        self.roles = tuple(roles)

    def forward(self, *images: Tensor) -> Tensor:
        """One (batch, band, y, x) per role → (batch, class, y, x)."""
        with _KeepNan():
            logits: Tensor = self.network(dict(zip(self.roles, images, strict=True)))
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
