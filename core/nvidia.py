"""Why torch cannot use an NVIDIA GPU that is there."""

from __future__ import annotations

import ctypes
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import torch

SYSTEM = Path("/")

_DRIVERS = {12: "525", 13: "580"}
"""Oldest driver that runs programs of each CUDA version."""

_PCI_VENDOR = "0x10de"
_PCI_DISPLAY = "0x03"
"""First byte of the class of display controllers; sound outputs of graphics cards have another one."""


@dataclass(frozen=True)
class Obstacle:
    """What stands in the way.

    Attributes:
        problem: As the end of a sentence.
        remedy: What to do, in sentences.
    """

    problem: str
    remedy: str


def hidden_gpus() -> tuple[tuple[str, ...], Obstacle]:
    """Returns the names of the GPUs that torch does not see although they are there, and why it does not."""
    driver = driver_cuda()
    names = system_gpus()
    # Windows installs the driver's library only with a GPU, and tells of GPUs in no simpler way.
    if not names and driver and sys.platform == "win32":
        names = ("NVIDIA GPU",)
    return names, obstacle(driver)


def system_gpus(root: Path = SYSTEM) -> tuple[str, ...]:
    """Returns the names of the NVIDIA GPUs that Linux knows, with or without a driver; empty elsewhere."""
    files = sorted((root / "proc/driver/nvidia/gpus").glob("*/information"))
    models = [re.search(r"^Model:\s*(.+)$", file.read_text(encoding="utf-8"), re.MULTILINE) for file in files]
    if models:
        return tuple(model.group(1).strip() if model else "NVIDIA GPU" for model in models)
    cards = sorted((root / "sys/bus/pci/devices").glob("*/vendor"))
    return tuple(
        f"NVIDIA GPU ({_word(card.with_name('device'))})"
        for card in cards
        if _word(card) == _PCI_VENDOR and _word(card.with_name("class")).startswith(_PCI_DISPLAY)
    )


def driver_version(root: Path = SYSTEM) -> str:
    """Returns the version of the loaded driver, as `570.124`; empty: none, or a system that does not tell."""
    path = root / "sys/module/nvidia/version"
    return _word(path) if path.is_file() else ""


def driver_cuda() -> int | None:
    """Returns the newest CUDA version that the driver runs, as 12040 for 12.4; None: there is no driver."""
    try:
        library = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
        version = ctypes.c_int()
        return version.value if library.cuDriverGetVersion(ctypes.byref(version)) == 0 else None
    except (OSError, AttributeError):
        return None


def obstacle(driver: int | None) -> Obstacle:
    """Returns why torch sees no GPU.

    Args:
        driver: From `driver_cuda`.
    """
    if not torch.backends.cuda.is_built() or torch.version.cuda is None:
        return Obstacle(
            "PyTorch was installed without CUDA",
            "Name a Python that has a PyTorch with CUDA in the variable LANDSKETCH_PYTHON.",
        )
    error = _start_error()
    needed = int(torch.version.cuda.split(".")[0])
    if (driver is not None and driver // 1000 < needed) or "too old" in error:
        return _old_driver(driver, needed)
    if driver is None:
        return Obstacle("no NVIDIA driver is installed", f"Install driver {_driver_for(needed)} from nvidia.com.")
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return Obstacle(
            f"the variable CUDA_VISIBLE_DEVICES is '{visible}', which hides it", "Remove the variable and start again."
        )
    return Obstacle(error or "PyTorch cannot start it", "Restart the computer, then install the driver again.")


def unsupported(major: int, minor: int) -> Obstacle | None:
    """Returns why this build of torch has no code for a GPU; None: it has.

    Args:
        major: First number of the GPU's compute capability.
        minor: Second number.
    """
    built = [_architecture(name) for name in torch.cuda.get_arch_list()]
    known = [architecture for architecture in built if architecture is not None]
    # ROCm names architectures otherwise, and its GPUs are looked after by AMD's own libraries.
    if not known or any(architecture.runs_on(major, minor) for architecture in known):
        return None
    oldest = min((architecture.major, architecture.minor) for architecture in known)
    if (major, minor) < oldest:
        return Obstacle(
            f"it is too old: its compute capability is {major}.{minor}, and PyTorch {torch.__version__} needs "
            f"{oldest[0]}.{oldest[1]} or later",
            "Use a newer GPU, or name a Python with an older PyTorch in the variable LANDSKETCH_PYTHON.",
        )
    return Obstacle(
        f"it is too new: PyTorch {torch.__version__} has no code for compute capability {major}.{minor}",
        "Install a newer version of LandSketch, or name a Python with a newer PyTorch in the variable "
        "LANDSKETCH_PYTHON.",
    )


def try_out(index: int) -> None:
    """Computes one sum on a GPU: what is wrong with it shows then, and not in the middle of a map."""
    (torch.ones(1, device=f"cuda:{index}") + 1).item()


def first_line(error: BaseException) -> str:
    """Returns what an error says first; torch's go on for many lines."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".")


@dataclass(frozen=True)
class _Architecture:
    """A kind of GPU that torch was built for."""

    major: int
    minor: int
    portable: bool
    exact: bool

    def runs_on(self, major: int, minor: int) -> bool:
        if self.exact:
            return (major, minor) == (self.major, self.minor)
        if self.portable:
            return (major, minor) >= (self.major, self.minor)
        return major == self.major and minor >= self.minor


def _architecture(name: str) -> _Architecture | None:
    """Reads `sm_90`, `sm_90a` (this GPU alone), `sm_100f` (its family) or `compute_90` (this one and all later)."""
    match = re.fullmatch(r"(sm|compute)_(\d+)(\d)([af]?)", name)
    if not match:
        return None
    kind, major, minor, suffix = match.groups()
    return _Architecture(int(major), int(minor), kind == "compute" and not suffix, suffix == "a")


def _start_error() -> str:
    try:
        torch.cuda.init()
    except Exception as error:  # noqa: BLE001 - it is the message that is wanted
        return first_line(error)
    return ""


def _old_driver(driver: int | None, needed: int) -> Obstacle:
    found = f" {driver_version()}" if driver_version() else ""
    runs = f", which runs CUDA {cuda_words(driver)}," if driver else ""
    return Obstacle(
        f"its driver{found}{runs} is too old for the CUDA {torch.version.cuda} of PyTorch",
        f"Install driver {_driver_for(needed)} from nvidia.com.",
    )


def cuda_words(version: int) -> str:
    """Returns a version as `driver_cuda` does, as people write it: 12040 is 12.4."""
    return f"{version // 1000}.{version % 1000 // 10}"


def _driver_for(cuda: int) -> str:
    return f"{_DRIVERS[cuda]} or later" if cuda in _DRIVERS else "of the newest version"


def _word(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()
