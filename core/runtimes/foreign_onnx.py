"""Networks of others with Deepness' keys, made into networks as LandSketch exports them.

The graph gets a head and a tail: images come in as they are stored, with NaN for no data, and class probabilities go
out. So every runtime takes them without knowing where they come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, compose, helper, numpy_helper

from ..deepness_keys import DEFAULT_SIDE, SCALE, Foreign
from ..errors import CheckpointError
from ..onnx_card import DOUBLE, FLOAT16, OUTPUT
from .onnx_runtime import open_session

ROLE = "optical"
"""The input of the network that is made."""

OLDEST_OPSET = 9
"""Of the operators that are put around: Where and IsNaN."""

_PREFIX = "foreign/"

_PROBABILITIES = {"Softmax", "Sigmoid", "HardSigmoid"}
_SCORES = {"Conv", "ConvTranspose", "Gemm", "MatMul", "BatchNormalization", "InstanceNormalization", "LogSoftmax"}
"""Operators after which values are surely probabilities, or surely none."""

_SHAPING = {"Identity", "Cast", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Resize", "Upsample", "Slice"}
"""Operators that leave values what they are; interpolated probabilities are still such."""

_MOST_TRIED = 1e-3
"""How far from 0 to 1, or from a sum of 1, values may be that are taken for probabilities."""


def conformed(path: str, foreign: Foreign) -> tuple[bytes, tuple[str, ...]]:
    """Returns a network that takes `ROLE` and gives probabilities, and sentences on how its output is understood.

    Args:
        path: The ONNX file.
        foreign: What it says of itself.

    Raises:
        CheckpointError: If it cannot be loaded or run.
    """
    model = _loaded(path)
    opset = next((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), 0)
    if opset < OLDEST_OPSET:
        raise CheckpointError(
            f"The network '{path}' uses ONNX operators of version {opset}; {OLDEST_OPSET} or later is expected.",
            "Ask who made it for a newer export.",
        )
    if not foreign.channels:
        foreign = replace(foreign, channels=_tried(path, foreign).shape[1])
    if len(foreign.classes) != max(foreign.channels, 2):
        raise CheckpointError(
            f"The network '{path}' gives {foreign.channels} channels and names {len(foreign.classes)} classes.",
            "Ask who made it.",
        )
    kind, reason = _kind_of(model, path, foreign)
    inner = compose.add_prefix(model, _PREFIX)
    inner.ir_version = max(inner.ir_version, 4)  # before, weights were inputs as well
    graph = _Around(inner.graph, opset)
    graph.head(foreign)
    graph.tail(foreign, kind)
    side: Any = foreign.side or None
    batch: Any = foreign.batch or "batch"
    shapes = [[batch, channels, side or "y", side or "x"] for channels in (len(foreign.mean), len(foreign.classes))]
    del inner.graph.input[:], inner.graph.output[:]
    inner.graph.input.append(helper.make_tensor_value_info(ROLE, TensorProto.FLOAT, shapes[0]))
    inner.graph.output.append(helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, shapes[1]))
    try:
        content = inner.SerializeToString()
    except ValueError as error:  # protobuf ends at two gigabytes
        raise CheckpointError(f"The network '{path}' is too large: {error}", "Choose a smaller one.") from error
    return content, (reason, *_notes(foreign))


def _loaded(path: str) -> onnx.ModelProto:
    try:
        return onnx.load(path)
    except Exception as error:  # its errors have no common class
        raise CheckpointError(f"The network '{path}' cannot be loaded: {error}", "Copy it again.") from error


def _notes(foreign: Foreign) -> tuple[str, ...]:
    notes = []
    if foreign.outputs > 1:
        notes.append(f"It gives {foreign.outputs} maps; the first, '{foreign.output.name}', is taken.")
    if foreign.channels == 1:
        notes.append(f"Pixels of at least {_threshold(foreign):g} are '{foreign.classes[1]}'.")
    elif foreign.threshold and "seg_thresh" in foreign.keys:
        notes.append(f"Its threshold of {foreign.threshold:g} is not applied: the likeliest class is taken everywhere.")
    if foreign.keys.get("seg_small_segment", "0") not in ("0", "0.0"):
        notes.append("Small areas are kept; LandSketch's smoothing removes them where that is wanted.")
    return tuple(notes)


def _threshold(foreign: Foreign) -> float:
    """Returns the probability from which a pixel is of the only class; one of 0 or 1 would leave only one class."""
    return foreign.threshold if 0 < foreign.threshold < 1 else 0.5


def _kind_of(model: onnx.ModelProto, path: str, foreign: Foreign) -> tuple[str, str]:
    """Returns whether the output holds `probabilities`, independent ones (`shares`) or `scores`, and why."""
    operator = _last_operator(model.graph, foreign.output.name)
    several = foreign.channels != 1
    if operator == "Softmax":
        return "probabilities", "The network ends in Softmax: its output is taken as probabilities."
    if operator in _PROBABILITIES:
        then = ", which are scaled to a sum of 1" if several else ""
        words = f"The network ends in {operator}: it gives probabilities{then}."
        return "shares" if several else "probabilities", words
    function = "Softmax" if several else "Sigmoid"
    if operator in _SCORES:
        return "scores", f"The network ends in {operator}: {function} makes probabilities of its scores."
    values = _tried(path, foreign)
    if values.min() < -_MOST_TRIED or values.max() > 1 + _MOST_TRIED:
        return "scores", (
            f"The network gives values from {values.min():.3g} to {values.max():.3g}: {function} makes probabilities."
        )
    if not several or np.abs(values.sum(axis=1) - 1).max() < _MOST_TRIED:
        return "probabilities", "The network gives values that are probabilities."
    return "shares", "The network gives values from 0 to 1, which are scaled to a sum of 1."


def _last_operator(graph: onnx.GraphProto, name: str) -> str:
    """Returns the operator that made an output's values; empty where there is none."""
    makers = {output: node for node in graph.node for output in node.output}
    for _ in range(len(graph.node)):
        node = makers.get(name)
        if node is None or node.op_type not in _SHAPING:
            return node.op_type if node is not None else ""
        name = node.input[0]
    return ""


def _tried(path: str, foreign: Foreign) -> NDArray[np.float32]:
    """Returns the output (window, class, y, x) for windows of noise."""
    side = foreign.side or min(foreign.tile, DEFAULT_SIDE)
    shape = (foreign.batch or 1, side, side, len(foreign.mean))
    noise = np.random.default_rng(0).random(shape, dtype=np.float32)
    images = (noise - np.array(foreign.mean, np.float32)) / np.array(foreign.std, np.float32)
    images = images if foreign.bands_last else images.transpose(0, 3, 1, 2)
    session = open_session(path)
    element = {FLOAT16: np.float16, DOUBLE: np.float64}.get(foreign.image.element, np.float32)
    given = {foreign.image.name: np.ascontiguousarray(images, dtype=element)}
    try:
        values = session.run([foreign.output.name], given)[0]
    except Exception as error:  # its errors have no common class
        raise CheckpointError(f"The network '{path}' cannot be run: {error}", "Ask who made it.") from error
    values = values[:, None] if values.ndim == 3 else np.moveaxis(values, -1, 1) if foreign.bands_last else values
    if values.ndim != 4 or values.shape[2:] != (side, side):
        raise CheckpointError(
            f"The network '{path}' gives {' × '.join(map(str, values.shape))} values for a window of {side} × {side} "
            "pixels; one for each class and pixel is expected.",
            "Choose another network.",
        )
    result: NDArray[np.float32] = values.astype(np.float32)
    return result


class _Around:
    """Puts operators before and after a graph.

    Args:
        graph: The graph, whose names all begin with `_PREFIX`; it is changed.
        opset: Version of its operators.
    """

    def __init__(self, graph: onnx.GraphProto, opset: int) -> None:
        self._graph = graph
        self._opset = opset
        self._count = 0

    def head(self, foreign: Foreign) -> None:
        """Stored values (batch, band, y, x) with NaN → what the network takes, as Deepness computes it."""
        first: list[onnx.NodeProto] = []
        bands = (1, -1, 1, 1)
        # Deepness has zeros beyond the edge of a raster.
        missing = self._node(first, "IsNaN", [ROLE])
        name = self._node(first, "Where", [missing, self._constant(0.0), ROLE])
        name = self._node(first, "Mul", [name, self._constant(1 / SCALE)])
        name = self._node(first, "Sub", [name, self._constant(foreign.mean, bands)])
        name = self._node(first, "Div", [name, self._constant(foreign.std, bands)])
        if foreign.bands_last:
            name = self._node(first, "Transpose", [name], perm=[0, 2, 3, 1])
        self._node(first, "Cast", [name], _PREFIX + foreign.image.name, to=foreign.image.element)
        rest = list(self._graph.node)
        del self._graph.node[:]
        self._graph.node.extend([*first, *rest])

    def tail(self, foreign: Foreign, kind: str) -> None:
        """What the network gives → probabilities (batch, class, y, x)."""
        nodes: list[onnx.NodeProto] = []
        name = self._node(nodes, "Cast", [_PREFIX + foreign.output.name], to=TensorProto.FLOAT)
        single = foreign.channels == 1
        if len(foreign.output.shape) == 3:
            name = self._unsqueezed(nodes, name)
        elif foreign.bands_last:
            name = self._node(nodes, "Transpose", [name], perm=[0, 3, 1, 2])
        if single and kind == "scores":
            name = self._node(nodes, "Sigmoid", [name])
        if single:
            name = self._two_classes(nodes, name, _threshold(foreign))
        if kind == "shares":
            # Softmax of logarithms divides by the sum.
            lowest = self._node(nodes, "Max", [name, self._constant(1e-12)])
            name = self._node(nodes, "Log", [lowest])
        if not single and kind != "probabilities":
            name = self._softmax(nodes, name)
        self._node(nodes, "Identity", [name], OUTPUT)
        self._graph.node.extend(nodes)

    def _two_classes(self, nodes: list[onnx.NodeProto], name: str, threshold: float) -> str:
        """Probability p of the only class → that of none and of it, moved so that the threshold lies at one half."""
        if threshold != 0.5:
            below = self._node(nodes, "Mul", [name, self._constant(0.5 / threshold)])
            above = self._node(nodes, "Sub", [name, self._constant(threshold)])
            above = self._node(nodes, "Mul", [above, self._constant(0.5 / (1 - threshold))])
            above = self._node(nodes, "Add", [above, self._constant(0.5)])
            lower = self._node(nodes, "Less", [name, self._constant(threshold)])
            name = self._node(nodes, "Where", [lower, below, above])
        other = self._node(nodes, "Sub", [self._constant(1.0), name])
        return self._node(nodes, "Concat", [other, name], axis=1)

    def _softmax(self, nodes: list[onnx.NodeProto], name: str) -> str:
        """Softmax over axis 1. Up to opset 12 it takes all axes from a given one on, hence over the last one here."""
        last = self._node(nodes, "Transpose", [name], perm=[0, 2, 3, 1])
        last = self._node(nodes, "Softmax", [last], axis=3)
        return self._node(nodes, "Transpose", [last], perm=[0, 3, 1, 2])

    def _unsqueezed(self, nodes: list[onnx.NodeProto], name: str) -> str:
        """(batch, y, x) → (batch, 1, y, x)."""
        if self._opset < 13:
            return self._node(nodes, "Unsqueeze", [name], axes=[1])
        return self._node(nodes, "Unsqueeze", [name, self._stored(np.array([1], np.int64))])

    def _constant(self, values: float | Sequence[float], shape: Sequence[int] = ()) -> str:
        return self._stored(np.array(values, np.float32).reshape(shape))

    def _stored(self, array: NDArray[Any]) -> str:
        name = self._name()
        self._graph.initializer.append(numpy_helper.from_array(array, name))
        return name

    def _node(
        self, nodes: list[onnx.NodeProto], operator: str, inputs: Sequence[str], output: str = "", **attributes: Any
    ) -> str:
        output = output or self._name()
        nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def _name(self) -> str:
        self._count += 1
        return f"landsketch/{self._count}"
