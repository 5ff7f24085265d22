"""Which device computes, and why no other one does."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from . import nvidia
from .errors import EngineError
from .processor import read_memory, read_processor, worker_threads

__all__ = ["Device", "choose", "choose_device", "find_devices", "worker_threads"]


@dataclass(frozen=True)
class Device:
    """Something that could compute.

    Attributes:
        id: As torch names it: `cpu`, `mps`, `cuda:0`; empty: torch does not see it.
        kind: `cpu`, `mps` or `cuda`.
        name: As people know it.
        memory_total: Its memory in bytes; None: unknown.
        memory_free: How much of that is free; None: unknown.
        problem: Why it cannot be used, as the end of a sentence; empty: it can.
        remedy: What to do about the problem, in sentences.
        capability: Compute capability of a CUDA GPU, as `9.0`.
    """

    id: str
    kind: str
    name: str
    memory_total: int | None = None
    memory_free: int | None = None
    problem: str = ""
    remedy: str = ""
    capability: str = ""

    @property
    def memory(self) -> str:
        """The memory in words; empty where it is unknown."""
        if self.memory_total is None:
            return ""
        if self.memory_free is None:
            return f"{self.memory_total / 2**30:.1f} GiB"
        return f"{self.memory_free / 2**30:.1f} of {self.memory_total / 2**30:.1f} GiB free"

    @property
    def label(self) -> str:
        """Its name and, to tell two alike apart, its id."""
        return f"{self.name} ({self.id})" if self.kind == "cuda" and self.id else self.name


def choose_device(wanted: str) -> tuple[torch.device, str]:
    """Returns the device for `auto`, `cpu`, `cuda` or `mps`, and sentences that say which, why, and what to do.

    Raises:
        EngineError: If the wanted device cannot be used.
    """
    # Who asks for the CPU does not wait for a driver to start.
    found = _found(_cpu, "cpu", "CPU") if wanted == "cpu" else find_devices()
    device, words = choose(wanted, found)
    return torch.device(device.id), words


def find_devices() -> tuple[Device, ...]:
    """Returns every device of the machine, whether it can be used or not; never fails."""
    gpus = _found(_cuda, "cuda", "NVIDIA GPU")
    apple = _found(_mps, "mps", "Apple GPU")
    return (*gpus, *apple, *_found(_cpu, "cpu", "CPU"))


def choose(wanted: str, found: Sequence[Device]) -> tuple[Device, str]:
    """Returns one of the found devices, and sentences that say why it is the one.

    Args:
        wanted: `auto`, or the kind of device.
        found: From `find_devices`; the CPU is among them.

    Raises:
        EngineError: If none of the wanted kind can be used.
    """
    order = ("cuda", "mps", "cpu") if wanted == "auto" else (wanted,)
    fitting = [device for kind in order for device in found if device.kind == kind and not device.problem]
    if not fitting:
        raise _unusable(wanted, found)
    # The GPU with the most free memory: on a shared machine that is the idle one.
    device = max((d for d in fitting if d.kind == fitting[0].kind), key=lambda d: d.memory_free or 0)
    return device, _words(wanted, device, found)


def why(device: Device, chosen: Device) -> str:
    """Returns why a device is taken by `auto` or is not."""
    if device == chosen:
        return "This is the one that 'auto' takes."
    if device.problem:
        return f"Cannot be used: {device.problem}. {device.remedy}".strip()
    if device.kind == chosen.kind:
        return f"Can be used; {chosen.label} has more free memory."
    return f"Can be used; {chosen.name} is faster."


def _words(wanted: str, device: Device, found: Sequence[Device]) -> str:
    others = [other for other in found if other != device]
    if device.kind != "cpu":
        runs = f"Runs on {device.label}" + (f", {device.memory}." if device.memory else ".")
        rivals = [other for other in others if other.kind == device.kind]
        return " ".join([runs, *map(_why_not, rivals)])
    cores = worker_threads(0)
    runs = f"Runs on the CPU ({device.name}, {cores} core{'s' if cores > 1 else ''})"
    if wanted == "cpu":
        return f"{runs}, as asked."
    reasons = [f"{_why_not(other)} {other.remedy}".strip() for other in others]
    none = "No NVIDIA or Apple GPU was found; others are not used."
    return " ".join([f"{runs}, which is slower than a GPU.", *(reasons or [none])])


def _why_not(rival: Device) -> str:
    if rival.problem:
        return f"{rival.label} cannot be used: {rival.problem}."
    return f"{rival.label} has less free memory."


def _unusable(wanted: str, found: Sequence[Device]) -> EngineError:
    instead = "Choose the device 'auto' or 'cpu' to run on the CPU."
    problems = [device for device in found if device.kind == wanted and device.problem]
    if problems:
        words = "; ".join(f"{device.label}: {device.problem}" for device in problems)
        remedy = f"{problems[0].remedy} {instead}".strip()
        return EngineError(f"The device '{wanted}' cannot be used. {words}.", remedy)
    maker = {"cuda": "NVIDIA", "mps": "Apple"}.get(wanted, wanted)
    return EngineError(f"The device '{wanted}' cannot be used: no {maker} GPU was found.", instead)


def _found(find: Callable[[], tuple[Device, ...]], kind: str, name: str) -> tuple[Device, ...]:
    """Returns what a search finds; where it fails, that becomes the reason not to use what it was after."""
    try:
        return find()
    except Exception as error:  # noqa: BLE001 - a driver in any state must not end a job that can run on the CPU
        if kind == "cpu":
            return (Device("cpu", "cpu", "CPU"),)
        return (Device("", kind, name, problem=f"looking at it failed ({nvidia.first_line(error)})"),)


def _cuda() -> tuple[Device, ...]:
    if not torch.cuda.is_available():
        names, obstacle = nvidia.hidden_gpus()
        return tuple(Device("", "cuda", name, problem=obstacle.problem, remedy=obstacle.remedy) for name in names)
    return tuple(_gpu(index) for index in range(torch.cuda.device_count()))


def _gpu(index: int) -> Device:
    identifier, name, capability = f"cuda:{index}", f"GPU {index}", ""
    try:
        name = torch.cuda.get_device_name(index)
        major, minor = torch.cuda.get_device_capability(index)
        capability = f"{major}.{minor}"
        obstacle = nvidia.unsupported(major, minor)
        if obstacle:
            return Device(identifier, "cuda", name, None, None, obstacle.problem, obstacle.remedy, capability)
        free, total = torch.cuda.mem_get_info(index)
        nvidia.try_out(index)
    except Exception as error:  # noqa: BLE001 - as above; another GPU may be well
        problem = f"it does not answer ({nvidia.first_line(error)})"
        remedy = "Another program may hold it; restarting the computer often helps."
        return Device(identifier, "cuda", name, problem=problem, remedy=remedy, capability=capability)
    return Device(identifier, "cuda", name, total, free, capability=capability)


def _mps() -> tuple[Device, ...]:
    if torch.backends.mps.is_available():
        return (Device("mps", "mps", "Apple GPU", torch.mps.recommended_max_memory()),)
    if platform.system() != "Darwin":
        return ()
    if not torch.backends.mps.is_built():
        return (Device("", "mps", "Apple GPU", problem="PyTorch was installed without support for it"),)
    problem = "this Mac has none that PyTorch can use, or its macOS is older than 14"
    return (Device("", "mps", "Apple GPU", problem=problem),)


def _cpu() -> tuple[Device, ...]:
    total, free = read_memory()
    return (Device("cpu", "cpu", read_processor().name, total, free),)
