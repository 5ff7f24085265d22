"""A tiny ONNX network with a card: fast, exactly known, and looking at its surroundings."""

import json

import numpy as np
import onnx
from helpers import S2_12
from landsketch.core.cards import METADATA_KEY, Card, Normalisation, SourceCard
from landsketch.core.legend import ClassLegend
from landsketch.core.onnx_card import OUTPUT, TILING_KEY, Tiling
from onnx import TensorProto, helper, numpy_helper

CLASSES = ("dark", "middle", "bright")
REACH = 2
"""The network looks at 5 × 5 pixels."""


def write_tiny_network(path, *, halo=8, ramp=4, tile=64, side=0, bands=S2_12):
    """Writes a network that tells three classes by the mean of all bands over 5 × 5 pixels, and returns its path.

    The logits are −(mean − c)² / 150² for the class centres c = 600, 1500 and 2400.
    """
    count = len(bands)
    mean = np.full((1, count, 2 * REACH + 1, 2 * REACH + 1), 1 / count / (2 * REACH + 1) ** 2, np.float32)
    centres = np.array([600, 1500, 2400], np.float32).reshape(1, 3, 1, 1)
    size = [side or "y", side or "x"]
    nodes = [
        helper.make_node("IsNaN", ["optical"], ["missing"]),
        helper.make_node("Where", ["missing", "zero", "optical"], ["filled"]),
        helper.make_node("Conv", ["filled", "mean"], ["level"], pads=[REACH] * 4),
        helper.make_node("Sub", ["level", "centres"], ["apart"]),
        helper.make_node("Mul", ["apart", "scale"], ["scaled"]),
        helper.make_node("Mul", ["scaled", "scaled"], ["square"]),
        helper.make_node("Neg", ["square"], ["logits"]),
        helper.make_node("Softmax", ["logits"], [OUTPUT], axis=1),
    ]
    constants = {"zero": np.float32(0), "mean": mean, "centres": centres, "scale": np.float32(1 / 150)}
    graph = helper.make_graph(
        nodes, "tiny",
        [helper.make_tensor_value_info("optical", TensorProto.FLOAT, ["batch", count, *size])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["batch", 3, *size])],
        [numpy_helper.from_array(np.asarray(value, np.float32), name) for name, value in constants.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    scaling = Normalisation("constant", (0.0,) * count, (1.0,) * count)
    source = SourceCard("optical", "sentinel-2-l2a", tuple(bands), "dn", 10.0, scaling)
    card = Card({"name": "tiny"}, (source,), tile, halo, ClassLegend.from_names(CLASSES))
    tiling = Tiling(1, ramp, side)
    helper.set_model_props(model, {METADATA_KEY: json.dumps(card.to_json()), TILING_KEY: json.dumps(tiling.to_json())})
    onnx.save(model, str(path))
    return str(path)


def expected_steps(image):
    """What the network gives for a whole image (band, y, x) with NaN: probabilities (class, y, x)."""
    padded = np.pad(np.nan_to_num(image, nan=0.0).mean(axis=0, dtype=np.float64), REACH)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (2 * REACH + 1, 2 * REACH + 1))
    apart = (windows.mean(axis=(2, 3))[None] - np.array([600, 1500, 2400]).reshape(3, 1, 1)) / 150
    likely = np.exp(-(apart**2) + (apart**2).min(axis=0))
    return likely / likely.sum(axis=0)


def blobs(height, width, seed=0):
    """(12, y, x) uint16: smooth blobs that take all three classes, with noise."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(300, 2700, (height // 12 + 3, width // 12 + 3))
    y, x = (np.arange(n) / 12 for n in (height, width))
    rows = np.array([np.interp(x, np.arange(coarse.shape[1]), row) for row in coarse])
    smooth = np.array([np.interp(y, np.arange(coarse.shape[0]), column) for column in rows.T]).T
    return (smooth[None] + rng.normal(0, 40, (12, height, width))).clip(1).astype(np.uint16)
