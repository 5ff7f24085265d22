"""Networks as ONNX compute what torch computes, in every runtime."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from landsketch.core.card_files import read_card
from landsketch.core.cards import Card
from landsketch.core.errors import CheckpointError, EngineError
from landsketch.core.legend import ClassLegend
from landsketch.core.onnx_card import Tiling, read_tiling
from landsketch.core.runtimes import openvino_runtime
from landsketch.core.runtimes.onnx_runtime import OnnxRuntime, available_providers
from landsketch.core.runtimes.openvino_runtime import OpenVinoRuntime
from landsketch.core.runtimes.runtime import FULL
from landsketch.models.onnx_export import OPSET, ExportError, export_onnx, onnx_bytes
from landsketch.models.segmenter import build_segmenter
from support import PLAIN, RADAR, images, small_card, small_network
from torch import nn

UNET, RANDOM = {"name": "unet", "encoder": "resnet18"}, {"name": "random-features", "filters": 16}
NETWORKS = {
    "unet": (UNET, {"name": "linear", "context": False}),
    "unet with context": (UNET, {"name": "linear", "context": True}),
    "random features": (RANDOM, {"name": "linear", "context": False}),
    "random features with context": (RANDOM, {"name": "linear", "context": True}),
    "random features convolutional": (RANDOM, {"name": "convolutional", "context": True}),
}
ROLES = ("optical", "sar")
HALF_STEP = 0.5 / FULL

every_network = pytest.mark.parametrize("name", NETWORKS)
with_openvino = pytest.mark.skipif(not openvino_runtime.available(), reason="OpenVINO is not installed")
with_bf16 = pytest.mark.skipif(not openvino_runtime.supports_bf16(), reason="this CPU does not compute in bf16")


@cache
def made(name):
    """Returns a network, its card and the network as ONNX."""
    torch.manual_seed(0)
    encoder, head = NETWORKS[name]
    legend = ClassLegend.from_names(["water", "forest", "town"])
    card = Card({"encoder": encoder, "head": head}, (PLAIN, RADAR), 128, 32, legend)
    network = build_segmenter(card)
    for parameter in network.head.parameters():
        if parameter.dim() > 1:
            nn.init.normal_(parameter, std=0.1)
    return network.eval(), card, onnx_bytes(network.eval(), card.sources, 96)


def holed(height=80, width=112, batch=2, seed=1):
    """Returns windows whose sources have holes in different places, one of them in a single band."""
    pair = images(height, width, batch, seed)
    pair["optical"][:, :, 20:50, 10:40] = torch.nan
    pair["optical"][:, 3, :9] = torch.nan
    pair["sar"][:, :, :, 60:71] = torch.nan
    return pair


def in_torch(network, pair):
    with torch.inference_mode():
        return network(pair).softmax(dim=1).numpy()


def in_runtime(runtime, pair, crop=0):
    return runtime.steps({role: image.numpy() for role, image in pair.items()}, crop) / FULL


@every_network
@pytest.mark.parametrize("shape", [(80, 112, 2), (64, 64, 1), (128, 96, 3)], ids=str)
def test_onnx_runtime_computes_what_torch_does(name, shape):
    network, card, model = made(name)
    computed = in_runtime(OnnxRuntime(model, card.roles, threads=1), holed(*shape))
    assert np.abs(computed - in_torch(network, holed(*shape))).max() < 1e-4 + HALF_STEP


@with_openvino
@every_network
@pytest.mark.parametrize("shape", [(80, 112, 2), (64, 64, 1)], ids=str)
def test_openvino_computes_what_torch_does(name, shape):
    network, card, model = made(name)
    computed = in_runtime(OpenVinoRuntime(model, card.roles, threads=1), holed(*shape))
    assert np.abs(computed - in_torch(network, holed(*shape))).max() < 1e-3


@with_bf16
@every_network
def test_openvino_in_bf16_gives_nearly_the_same_classes(name):
    network, card, model = made(name)
    computed = in_runtime(OpenVinoRuntime(model, card.roles, threads=1, precision="bf16"), holed())
    expected = in_torch(network, holed())
    assert (computed.argmax(axis=1) == expected.argmax(axis=1)).mean() > 0.97
    exact = in_runtime(OpenVinoRuntime(model, card.roles, threads=1), holed())
    assert (computed != exact).any(), "bf16 is asked for, and not computed in"


@every_network
def test_no_data_is_not_just_any_value(name):
    """Or else the comparisons above would say nothing on no data."""
    network, _, _ = made(name)
    filled = {role: image.nan_to_num(0.0) for role, image in holed().items()}
    assert np.abs(in_torch(network, holed()) - in_torch(network, filled)).max() > 0.01


@pytest.mark.parametrize("kind", [OnnxRuntime, pytest.param(OpenVinoRuntime, marks=with_openvino)])
def test_the_crop_is_left_out(kind):
    _, card, model = made("unet")
    runtime = kind(model, card.roles, threads=1)
    whole, inner = in_runtime(runtime, holed()), in_runtime(runtime, holed(), crop=16)
    assert np.array_equal(inner, whole[:, :, 16:-16, 16:-16])


@pytest.mark.parametrize("kind", [OnnxRuntime, pytest.param(OpenVinoRuntime, marks=with_openvino)])
def test_threads_side_by_side_get_the_results_of_their_own_windows(kind):
    _, card, model = made("random features with context")
    alone, shared = kind(model, card.roles, threads=1), kind(model, card.roles, threads=2, lanes=2)
    expected = [in_runtime(alone, holed(seed=seed)) for seed in range(4)]

    def difference(seed):
        return max(np.abs(in_runtime(shared, holed(seed=seed)) - expected[seed]).max() for _ in range(5))

    with ThreadPoolExecutor(4) as pool:
        assert max(pool.map(difference, range(4))) < 1e-3
    assert np.abs(expected[0] - expected[1]).max() > 0.01


def test_a_file_holds_the_network_its_card_and_its_tiling(tmp_path):
    network, card, model = made("unet")
    path = str(tmp_path / "m.onnx")
    export_onnx(network, card, path, 96)
    assert read_card(path) == card
    assert read_tiling(path) == Tiling(alignment=16, ramp=16, side=0)
    computed = in_runtime(OnnxRuntime(path, card.roles, threads=1), holed())
    assert np.array_equal(computed, in_runtime(OnnxRuntime(model, card.roles, threads=1), holed()))


def test_a_file_is_valid_onnx_with_named_axes(tmp_path):
    network, card, _ = made("random features")
    path = str(tmp_path / "m.onnx")
    export_onnx(network, card, path, 96)
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert [opset.version for opset in model.opset_import] == [OPSET]
    axes = {
        port.name: [axis.dim_param or axis.dim_value for axis in port.type.tensor_type.shape.dim]
        for port in (*model.graph.input, *model.graph.output)
    }
    assert axes == {
        "optical": ["batch", 10, "y", "x"],
        "sar": ["batch", 2, "y", "x"],
        "probabilities": ["batch", 3, "y", "x"],
    }


@pytest.mark.parametrize("name", ["galileo linear", "galileo convolutional"])
def test_a_network_whose_code_depends_on_the_content_is_refused(name, tmp_path):
    with pytest.raises(ExportError, match="cannot be written as ONNX: its code decides"):
        export_onnx(small_network(name), small_card(name), str(tmp_path / "m.onnx"), 96)
    assert list(tmp_path.iterdir()) == []


def both(pair):
    """Returns two channels made of both sources."""
    return (pair["sar"] / 20).nan_to_num(0.0) + (pair["optical"][:, :2] / 3000).nan_to_num(0.0)


class Restless(nn.Module):
    """An encoder that computes something else at every call, which no trace shows."""

    channels, strides, alignment, ramp, halo = (2,), (1,), 4, 0, 0

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))
        self.calls = 0

    def forward(self, pair, wanted=None):
        self.calls += 1
        return [both(pair) * self.calls]


class Bound(nn.Module):
    """An encoder with weights for each position of a window of 96 pixels."""

    channels, strides, alignment, ramp, halo = (2,), (1,), 4, 7, 0

    def __init__(self):
        super().__init__()
        self.positions = nn.Parameter(torch.rand(1, 2, 96, 96))

    def forward(self, pair, wanted=None):
        return [both(pair) * self.positions]


class Head(nn.Conv2d):
    """A head that takes one map."""

    def forward(self, maps, context):
        return super().forward(maps[0])


def bare(encoder):
    """Returns a segmenter of an encoder with two channels, and a card for its sources."""
    network, card, _ = made("random features")
    torch.manual_seed(0)
    return type(network)(encoder, None, Head(2, 3, 1)).eval(), card


def test_a_network_that_onnx_gets_wrong_is_refused(tmp_path):
    network, card = bare(Restless())
    with pytest.raises(ExportError, match="probabilities would differ"):
        export_onnx(network, card, str(tmp_path / "m.onnx"), 96)


def test_a_network_bound_to_one_size_says_so(tmp_path):
    network, card = bare(Bound())
    path = str(tmp_path / "m.onnx")
    export_onnx(network, card, path, 96)
    assert read_tiling(path) == Tiling(alignment=4, ramp=7, side=96)
    sides = [axis.dim_value for axis in onnx.load(path).graph.output[0].type.tensor_type.shape.dim]
    assert sides[2:] == [96, 96]
    computed = in_runtime(OnnxRuntime(path, card.roles, threads=1), holed(96, 96, 3))
    assert np.abs(computed - in_torch(network, holed(96, 96, 3))).max() < 1e-4 + HALF_STEP


@pytest.mark.parametrize("kind", [OnnxRuntime, pytest.param(OpenVinoRuntime, marks=with_openvino)])
def test_what_is_no_network_of_ours_is_refused(kind, tmp_path):
    _, _, model = made("random features")
    with pytest.raises(CheckpointError, match="cannot load"):
        kind(model[: len(model) // 2], ROLES, threads=1)
    with pytest.raises(CheckpointError, match=r"missing\.onnx"):
        kind(str(tmp_path / "missing.onnx"), ROLES, threads=1)
    with pytest.raises(CheckpointError, match="optical, sar"):
        kind(model, ("optical",), threads=1)


def test_a_device_that_is_not_there_is_refused():
    _, card, model = made("random features")
    assert "CPUExecutionProvider" in available_providers()
    assert OnnxRuntime(model, card.roles, threads=1).provider == "CPUExecutionProvider"
    with pytest.raises(EngineError, match="NoSuchProvider"):
        OnnxRuntime(model, card.roles, threads=1, providers=("NoSuchProvider",))


def in_new_process(code, home, *arguments):
    """Runs code in a Python of its own that is not taken for a CI job, and returns what it printed."""
    site = str(Path(__file__).resolve().parents[2] / ".dev" / "site")
    unset = ("CI", "TF_BUILD", "JENKINS_URL", "ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME")
    variables = {name: value for name, value in os.environ.items() if name not in unset}
    variables |= {"PYTHONPATH": site, "HOME": str(home), "LOCALAPPDATA": str(home)}
    done = subprocess.run([sys.executable, "-c", code, *arguments], env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_classifying_with_a_file_needs_no_torch(tmp_path):
    network, card, _ = made("random features with context")
    path = str(tmp_path / "m.onnx")
    export_onnx(network, card, path, 96)
    code = (
        "import sys, numpy as np\n"
        "from landsketch.core.card_files import read_card\n"
        "from landsketch.core.onnx_card import read_tiling\n"
        "from landsketch.core.runtimes.onnx_runtime import OnnxRuntime\n"
        "card, tiling = read_card(sys.argv[1]), read_tiling(sys.argv[1])\n"
        "side = 16 * tiling.alignment\n"
        "images = {s.role: np.ones((1, len(s.bands), side, side), np.float32) for s in card.sources}\n"
        "steps = OnnxRuntime(sys.argv[1], card.roles, threads=1).steps(images, 4)\n"
        "print(steps.shape, [name for name in sys.modules if name.split('.')[0] in ('torch', 'onnx')])\n"
    )
    assert in_new_process(code, tmp_path, path) == "(1, 3, 56, 56) []"


@pytest.mark.parametrize("module", ["onnx_runtime", pytest.param("openvino_runtime", marks=with_openvino)])
def test_runtimes_report_nothing_to_their_makers(module, tmp_path):
    """Their import alone would: it writes an identifier into the home folder and sends an event with it."""
    code = (
        "import importlib, sys\n"
        "runtime = importlib.import_module(f'landsketch.core.runtimes.{sys.argv[1]}')\n"
        "if sys.argv[1] == 'openvino_runtime': assert runtime.available()\n"
        "print([name for name in sys.modules if name.startswith('openvino_telemetry') and sys.modules[name]])\n"
        "print('onnxruntime' in sys.modules, 'torch' in sys.modules)\n"
    )
    assert in_new_process(code, tmp_path, module) == "[]\nTrue False"
    assert list(tmp_path.iterdir()) == []


def test_libraries_that_report_their_use_are_imported_in_one_place():
    root = Path(__file__).resolve().parents[2]
    sources = [path for folder in ("core", "models") for path in root.glob(f"{folder}/**/*.py")]
    assert root / "core" / "telemetry.py" in sources
    direct = re.compile(r"^\s*(import|from) (onnxruntime|openvino)\b", re.MULTILINE)
    assert [path.name for path in sources if direct.search(path.read_text(encoding="utf-8"))] == []
