"""The machine and what runs on it, for people and as JSON: devices, processor, runtimes; what `auto` takes and why."""

from __future__ import annotations

import platform
import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

from . import nvidia
from .devices import choose, find_devices, why
from .processor import read_processor
from .telemetry import import_onnxruntime, import_openvino
from .version import version

Found = TypeVar("Found")


def describe() -> dict[str, Any]:
    """Describes the machine.

    Returns:
        JSON values: `system`, `summary` (which device `auto` takes and why), `devices`, `processor`, `runtimes`,
        `problems` (what could not be looked at) and `text` (all of it, to read or to send to somebody). Never fails.
    """
    problems: list[str] = []
    report: dict[str, Any] = {
        "system": {
            "landsketch": version(),
            "platform": platform.platform(),
            "python": platform.python_version(),
        },
        **_devices(),
        "processor": _attempt("the processor", lambda: asdict(read_processor()), problems),
        "runtimes": [_runtime(name, look) for name, look in _RUNTIMES.items()],
        "problems": problems,
    }
    report["text"] = _text(report)
    return report


def _devices() -> dict[str, Any]:
    found = find_devices()
    chosen, words = choose("auto", found)
    return {
        "summary": words,
        "device": chosen.id,
        "devices": [
            {
                **asdict(device),
                "memory": device.memory,
                "runs": not device.problem,
                "taken": device == chosen,
                "why": why(device, chosen),
            }
            for device in found
        ],
    }


def _attempt(subject: str, look: Callable[[], Found], problems: list[str]) -> Found | None:
    try:
        return look()
    except Exception as error:  # noqa: BLE001 - the report is wanted most where something is broken
        problems.append(f"Looking at {subject} failed: {nvidia.first_line(error)}.")
        return None


def _runtime(name: str, look: Callable[[], tuple[str, str]]) -> dict[str, Any]:
    try:
        number, notes = look()
    except ModuleNotFoundError:
        return {"name": name, "version": "", "runs": False, "notes": "Not installed."}
    except Exception as error:  # noqa: BLE001 - as above
        return {"name": name, "version": "", "runs": False, "notes": f"Does not start: {nvidia.first_line(error)}."}
    return {"name": name, "version": number, "runs": True, "notes": notes}


def _torch() -> tuple[str, str]:
    import torch

    if torch.version.cuda is None:
        return torch.__version__, "Built without CUDA."
    # Asked of the build: in some releases, torch.cuda.get_arch_list() is empty where there is no GPU.
    flags = getattr(torch._C, "_cuda_getArchFlags", lambda: "")() or ""
    numbers = re.findall(r"sm_(\d+)(\d)", flags)
    architectures = f", for compute capability {', '.join('.'.join(number) for number in numbers)}" if numbers else ""
    driver = nvidia.driver_cuda()
    runs = f"; the driver runs CUDA {nvidia.cuda_words(driver)}" if driver else "; no NVIDIA driver"
    number = f" ({nvidia.driver_version()})" if driver and nvidia.driver_version() else ""
    return torch.__version__, f"Built with CUDA {torch.version.cuda}{architectures}{runs}{number}."


def _onnxruntime() -> tuple[str, str]:
    onnxruntime = import_onnxruntime()

    names = [name.removesuffix("ExecutionProvider") for name in onnxruntime.get_available_providers()]
    providers = [name for name in names if name != "Azure"]  # computes elsewhere, for others
    return onnxruntime.__version__, f"Computes on {', '.join(providers)}."


def _openvino() -> tuple[str, str]:
    openvino = import_openvino()

    core = openvino.Core()
    devices = []
    for device in core.available_devices:
        capabilities = [str(name) for name in core.get_property(device, "OPTIMIZATION_CAPABILITIES")]
        precisions = [name for name in capabilities if name in _PRECISIONS]
        devices.append(f"{device} ({', '.join(precisions)})" if precisions else device)
    return openvino.__version__.split("-")[0], f"Computes on {', '.join(devices)}."


_PRECISIONS = ("FP32", "BF16", "FP16", "INT8")

_RUNTIMES: dict[str, Callable[[], tuple[str, str]]] = {
    "torch": _torch,
    "onnxruntime": _onnxruntime,
    "openvino": _openvino,
}


def _text(report: dict[str, Any]) -> str:
    system = report["system"]
    lines = [
        f"LandSketch {system['landsketch']}, Python {system['python']}, {system['platform']}",
        report["summary"],
        "",
        "Devices",
        *(_device_line(device) for device in report["devices"]),
        "",
        "Runtimes",
        *(f"- {entry['name']} {entry['version']}".rstrip() + f": {entry['notes']}" for entry in report["runtimes"]),
    ]
    if report["processor"]:
        lines += ["", "Processor", f"- {processor_line(report['processor'])}"]
    if report["problems"]:
        lines += ["", "Problems", *(f"- {problem}" for problem in report["problems"])]
    return "\n".join(lines) + "\n"


def _device_line(device: dict[str, Any]) -> str:
    facts = [device["id"], device["capability"] and f"compute capability {device['capability']}", device["memory"]]
    known = ", ".join(fact for fact in facts if fact)
    return f"- {device['name']}" + (f" ({known})" if known else "") + f": {device['why']}"


def processor_line(processor: dict[str, Any]) -> str:
    """Returns a processor, as `Processor` in JSON, on one line."""
    physical = processor["physical"]
    cores = f"{processor['logical']} cores" + (f" ({physical} physical)" if physical else "")
    has = [name for name, there in processor["instructions"].items() if there]
    lacks = [name for name, there in processor["instructions"].items() if not there]
    words = [f"{cores}, {processor['usable']} of them for LandSketch"]
    words += [f"has {', '.join(has)}"] if has else []
    words += [f"lacks {', '.join(lacks)}"] if lacks else []
    return f"{processor['name']}: {'; '.join(words)}."
