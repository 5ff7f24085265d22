"""Where ONNX networks run: the wished device, else the best there is, and the CPU where a GPU fails."""

import sys
from typing import ClassVar

import numpy as np
import pytest
from helpers import write_raster
from landsketch.core.errors import CheckpointError, EngineError
from landsketch.core.jobs import run_job
from landsketch.core.progress import Reporter
from landsketch.core.runtimes import onnx_model, onnx_runtime
from landsketch.core.runtimes.onnx_model import OnnxModel
from tiny_network import blobs, write_tiny_network

CPU, CUDA, COREML, DIRECTML = onnx_runtime.CPU, onnx_runtime.CUDA, onnx_runtime.COREML, onnx_runtime.DIRECTML


@pytest.fixture
def model(tmp_path):
    return OnnxModel(write_tiny_network(tmp_path / "tiny.onnx"))


@pytest.fixture
def machine(monkeypatch):
    """Returns what sets the providers of a machine, and which of them fail: by an error, or silently."""

    def be(*providers, platform="linux", failing=(), silent=()):
        class Runtime:
            name, precision = "onnxruntime", "fp32"

            def __init__(self, model, roles, threads, lanes=1, providers=(CPU,)):
                if providers[0] in failing:
                    raise CheckpointError(f"no kernel for {providers[0]}")
                self.provider = CPU if providers[0] in silent else providers[0]
                self.lanes = lanes

        monkeypatch.setattr(onnx_model, "available_providers", lambda: (*providers, CPU))
        monkeypatch.setattr(onnx_model, "OnnxRuntime", Runtime)
        monkeypatch.setattr(sys, "platform", platform)

    return be


@pytest.mark.parametrize(
    ("wanted", "providers", "platform", "device"),
    [
        ("auto", (), "linux", "cpu"),
        ("auto", (CUDA,), "linux", "cuda"),
        ("auto", (COREML,), "darwin", "mps"),
        ("auto", (DIRECTML,), "win32", "directml"),
        ("auto", (DIRECTML, CUDA), "win32", "cuda"),
        ("cpu", (CUDA, COREML), "linux", "cpu"),
        ("cuda", (COREML, CUDA), "linux", "cuda"),
        ("mps", (COREML,), "darwin", "mps"),
    ],
)
def test_the_device_is_the_wished_or_the_best(model, machine, wanted, providers, platform, device):
    machine(*providers, platform=platform)
    place = model.place(wanted)
    assert (place.device, place.warnings) == (device, ())
    if device != "cpu":
        assert onnx_model.GPUS[device][0] in place.words
        (candidate,) = model.candidates(device, 4, lambda: None)
        assert candidate.build().name == "onnxruntime"
    else:
        assert "CPU" in place.words


def test_why_no_gpu_computes_is_said(model, machine):
    machine()
    assert f"has no GPU here, only {CPU}" in model.place("auto").words
    assert "as asked" in model.place("cpu").words


@pytest.mark.parametrize(("wanted", "name"), [("cuda", CUDA), ("mps", COREML)])
def test_a_device_that_is_not_there_is_refused(model, machine, wanted, name):
    machine()
    with pytest.raises(EngineError, match=name) as caught:
        model.place(wanted)
    assert "auto" in caught.value.hint


@pytest.mark.parametrize("wanted", ["auto", "cuda"])
@pytest.mark.parametrize("how", ["failing", "silent"])
def test_a_gpu_that_fails_is_left_for_the_cpu_and_that_is_said(model, machine, wanted, how):
    machine(CUDA, **{how: (CUDA,)})
    place = model.place(wanted)
    assert place.device == "cpu" and "the GPU failed" in place.words
    (warning,) = place.warnings
    assert "an NVIDIA GPU was to compute" in warning and "The CPU computes instead" in warning


def test_where_one_gpu_fails_another_may_do(model, machine):
    machine(CUDA, DIRECTML, platform="win32", failing=(CUDA,))
    place = model.place("auto")
    assert place.device == "directml"
    (warning,) = place.warnings
    assert "no kernel" in warning and "CPU computes" not in warning


def test_directml_gets_one_call_at_a_time(model, machine):
    machine(DIRECTML, platform="win32")
    assert model.candidates("directml", 8, lambda: None)[0].build().lanes == 1


def test_the_warning_reaches_who_classifies_and_the_map_is_made(tmp_path, monkeypatch):
    """For real, but for CUDA being listed: this ONNX Runtime cannot start it."""
    monkeypatch.setattr(onnx_model, "available_providers", lambda: (CUDA, CPU))
    lines = []
    raster = write_raster(tmp_path / "s2.tif", blobs(64, 64))
    spec = {
        "checkpoint": write_tiny_network(tmp_path / "tiny.onnx"),
        "sources": [{"role": "optical", "path": raster, "sensor": "sentinel-2-l2a", "offset": 0.0}],
        "output": str(tmp_path / "map.tif"),
    }
    if CUDA in onnx_runtime.available_providers():
        pytest.skip("this ONNX Runtime may start CUDA")
    run_job("classify", spec, Reporter(lambda event: lines.append((event.get("level"), event.get("message")))))
    assert any(level == "warning" and "NVIDIA GPU was to compute, but fails" in text for level, text in lines)
    assert any("Runs on the CPU" in str(text) for _, text in lines)
    assert (tmp_path / "map.tif").exists()


def test_windows_come_out_as_they_went_in_however_many_the_file_takes_at_once():
    from landsketch.core.runtimes.feeding import Feeding

    class Runtime:
        name, precision, lanes = "onnxruntime", "fp32", 1
        batches: ClassVar[list[int]] = []

        def steps(self, images, crop):
            self.batches.append(len(images["optical"]))
            return images["optical"][..., crop:].astype(np.int16)

    images = {"optical": np.arange(7 * 3, dtype=np.float32).reshape(7, 1, 1, 3) * 2}
    fed = Feeding(Runtime(), scale=2.0, batch=3).steps(images, 1)
    assert Runtime.batches == [3, 3, 3]
    assert np.array_equal(fed, images["optical"][..., 1:] / 2)
