"""ONNX Runtime: runs networks without torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import CheckpointError, EngineError
from ..onnx_card import OUTPUT
from ..telemetry import import_onnxruntime
from .runtime import Images, to_steps

onnxruntime = import_onnxruntime()

CPU, CUDA, COREML, DIRECTML = (f"{name}ExecutionProvider" for name in ("CPU", "CUDA", "CoreML", "Dml"))
"""What ONNX Runtime calls the devices."""

_FATAL = 4
"""The only severity that it still prints; errors are raised all the same."""


class OnnxRuntime:
    """Runs an ONNX network with ONNX Runtime.

    Args:
        model: The content of an ONNX file, or its path.
        roles: The network's inputs.
        threads: Cores to use, by all lanes together.
        lanes: How many threads will call `steps` side by side. The calling threads compute as well, hence only
            `threads` − `lanes` others are started.
        providers: Devices by preference, out of `available_providers`; the CPU does what they cannot.

    Attributes:
        provider: What computes: the first of `providers`, or what ONNX Runtime took where that failed to start.

    Raises:
        CheckpointError: If the model is damaged, or has other inputs or outputs.
        EngineError: If a provider is not there.
    """

    name = "onnxruntime"
    precision = "fp32"

    def __init__(
        self,
        model: bytes | str,
        roles: Sequence[str],
        threads: int,
        lanes: int = 1,
        providers: Sequence[str] = (CPU,),
    ) -> None:
        self.lanes = lanes
        self._session = open_session(model, max(1, threads - lanes + 1), providers)
        check_ends(
            [port.name for port in self._session.get_inputs()],
            [port.name for port in self._session.get_outputs()],
            roles,
            _title(model),
        )
        self._roles = tuple(roles)
        # What was asked for may have failed to start; ONNX Runtime then goes on without.
        self.provider: str = self._session.get_providers()[0]

    def steps(self, images: Images, crop: int) -> NDArray[np.int16]:
        """See `Runtime.steps`."""
        given = {role: np.ascontiguousarray(images[role], dtype=np.float32) for role in self._roles}
        probabilities: NDArray[np.float32] = self._session.run([OUTPUT], given)[0]
        height, width = probabilities.shape[2:]
        return to_steps(probabilities[:, :, crop : height - crop, crop : width - crop])


def available_providers() -> tuple[str, ...]:
    """Returns what this ONNX Runtime was built for, the fastest first; a device may be missing all the same."""
    return tuple(onnxruntime.get_available_providers())


def open_session(model: bytes | str, threads: int = 0, providers: Sequence[str] = (CPU,)) -> Any:
    """Returns an onnxruntime.InferenceSession.

    Args:
        model: The content of an ONNX file, or its path.
        threads: Threads for one call; 0: as many as there are cores.
        providers: Devices by preference.

    Raises:
        CheckpointError: If the model is damaged.
        EngineError: If a provider is not there.
    """
    missing = [provider for provider in providers if provider not in available_providers()]
    if missing:
        raise EngineError(
            f"ONNX Runtime cannot use {', '.join(missing)}; it has {', '.join(available_providers())}.",
            "Choose the device 'auto' or 'cpu'.",
        )
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _FATAL
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    if DIRECTML in providers:  # its two conditions
        options.enable_mem_pattern = False
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    # See core/threads.py: threads that spin take the cores from the reader, the writer and QGIS.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(model, options, providers=list(dict.fromkeys((*providers, CPU))))
    except Exception as error:  # its errors have no common class
        raise CheckpointError(f"ONNX Runtime cannot load {_title(model)}: {error}", "Copy it again.") from error


def check_ends(inputs: Sequence[str], outputs: Sequence[str], roles: Sequence[str], title: str) -> None:
    """Checks that a model's inputs are the roles and that it gives probabilities.

    Raises:
        CheckpointError: If not.
    """
    if set(inputs) != set(roles) or OUTPUT not in outputs:
        raise CheckpointError(
            f"{title} takes {', '.join(inputs)} and gives {', '.join(outputs)}; expected: {', '.join(roles)} and "
            f"{OUTPUT}.",
            "Choose a model that LandSketch exported.",
        )


def _title(model: bytes | str) -> str:
    return f"'{model}'" if isinstance(model, str) else "the network"
