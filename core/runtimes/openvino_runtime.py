"""OpenVINO: the fastest runtime on most CPUs, and optional."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import CheckpointError, EngineError
from ..onnx_card import OUTPUT
from ..telemetry import import_openvino
from .onnx_runtime import check_ends
from .runtime import Images, to_steps

PRECISIONS = {"fp32": "f32", "bf16": "bf16"}
"""Our names of precisions and OpenVINO's."""

DEVICE = "CPU"

Shape = tuple[int, ...]


class OpenVinoRuntime:
    """Runs an ONNX network with OpenVINO on the CPU.

    The network is compiled for each size of windows and batches when it first comes, which takes a part of a second:
    networks of fixed sizes are the faster ones. The compiled ones are kept.

    Args:
        model: The content of an ONNX file, or its path.
        roles: The network's inputs.
        threads: Cores to use, by all lanes together.
        lanes: How many threads will call `steps` side by side.
        precision: `fp32` or `bf16`.

    Raises:
        CheckpointError: If the model is damaged, or has other inputs or outputs.
        EngineError: If OpenVINO is not installed, or the CPU does not compute in this precision.
    """

    name = "openvino"

    def __init__(
        self, model: bytes | str, roles: Sequence[str], threads: int, lanes: int = 1, precision: str = "fp32"
    ) -> None:
        if not available():
            raise EngineError("OpenVINO is not installed.", "Choose another runtime.")
        if precision == "bf16" and not supports_bf16():
            raise EngineError("This CPU does not compute in bf16.", "Choose the precision 'fp32'.")
        self.precision = precision
        self.lanes = lanes
        self._roles = tuple(roles)
        self._settings = {
            "INFERENCE_PRECISION_HINT": PRECISIONS[precision],
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": lanes,
            # A thread bound to a core waits for it while QGIS draws there, and another core idles.
            "ENABLE_CPU_PINNING": False,
        }
        title = f"'{model}'" if isinstance(model, str) else "the network"
        try:
            self._model = _core().read_model(model)
        except RuntimeError as error:
            raise CheckpointError(f"OpenVINO cannot load {title}: {error}", "Copy it again.") from error
        inputs, outputs = ([port.any_name for port in ports] for ports in (self._model.inputs, self._model.outputs))
        check_ends(inputs, outputs, roles, title)
        self._compiled: dict[tuple[Shape, ...], Any] = {}
        self._compiling = threading.Lock()
        self._of_thread = threading.local()

    def steps(self, images: Images, crop: int) -> NDArray[np.int16]:
        """See `Runtime.steps`."""
        given = {role: np.ascontiguousarray(images[role], dtype=np.float32) for role in self._roles}
        request = self._request(tuple(given[role].shape for role in self._roles))
        # The result lies in memory of the request until its next use; here it is converted before that.
        probabilities: NDArray[np.float32] = request.infer(given, share_inputs=True, share_outputs=True)[OUTPUT]
        height, width = probabilities.shape[2:]
        return to_steps(probabilities[:, :, crop : height - crop, crop : width - crop])

    def _request(self, shapes: tuple[Shape, ...]) -> Any:
        """Returns this thread's request for windows of these shapes: one request serves one call at a time."""
        requests: dict[tuple[Shape, ...], Any] = self._of_thread.__dict__.setdefault("requests", {})
        if shapes not in requests:
            requests[shapes] = self._compile(shapes).create_infer_request()
        return requests[shapes]

    def _compile(self, shapes: tuple[Shape, ...]) -> Any:
        """Returns the network compiled for windows of these shapes."""
        with self._compiling:
            if shapes not in self._compiled:
                self._model.reshape({role: list(shape) for role, shape in zip(self._roles, shapes, strict=True)})
                self._compiled[shapes] = _core().compile_model(self._model, DEVICE, self._settings)
            return self._compiled[shapes]


def available() -> bool:
    """Whether OpenVINO is installed and starts."""
    try:
        return DEVICE in _core().available_devices
    except (ImportError, OSError, RuntimeError):
        return False


def supports_bf16() -> bool:
    """Whether this CPU computes in bf16."""
    return available() and "BF16" in _core().get_property(DEVICE, "OPTIMIZATION_CAPABILITIES")


@cache
def _core() -> Any:
    return import_openvino().Core()
