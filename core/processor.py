"""The processor and the memory that this process may use."""

from __future__ import annotations

import ctypes
import math
import os
import platform
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .cgroups import SYSTEM, core_limit, memory_limit

_INSTRUCTIONS = {
    "AVX2": ("avx2", "avx2"),
    "AVX-512": ("avx512f", "avx512_f"),
    "AVX512-BF16": ("avx512_bf16", "avx512_bf16"),
    "AMX-BF16": ("amx_bf16", "amx_bf16"),
    "SVE": ("sve", "sve"),
    "Arm BF16": ("bf16", "bf16"),
}
"""Instruction sets that decide how fast networks are, as Linux and as torch call them."""

_ARM_ONLY = ("SVE", "Arm BF16")


@dataclass(frozen=True)
class Processor:
    """What computes where there is no GPU.

    Attributes:
        name: As its maker calls it.
        physical: Cores in silicon; None: unknown.
        logical: Cores as the system counts them: two to each physical one with hyper-threading.
        usable: Logical cores that this process may take.
        instructions: Whether it has each instruction set; empty: unknown.
    """

    name: str
    physical: int | None
    logical: int
    usable: int
    instructions: dict[str, bool]


def worker_threads(limit: int) -> int:
    """Returns how many threads to compute with: the cores that this process may take, at most the user's limit.

    Args:
        limit: The most threads; 0: no limit.
    """
    cores = usable_cores()
    return min(cores, limit) if limit > 0 else cores


def usable_cores(root: Path = SYSTEM) -> int:
    """Returns how many cores this process may take by its affinity and its container's limit; at least 1."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        counted = getattr(os, "process_cpu_count", os.cpu_count)()  # Python 3.13 knows the affinity on Windows too
        cores = counted or 1
    limit = core_limit(root)
    # Rounded down: one thread too many has all of them stopped for a part of each period.
    return max(min(cores, math.floor(limit)), 1) if limit is not None else max(cores, 1)


def read_processor(root: Path = SYSTEM) -> Processor:
    """Returns the processor; what cannot be found out is None or empty."""
    entries = _cpuinfo(root)
    first = entries[0] if entries else {}
    told = {} if "model name" in first else _torch_capabilities()
    name = first.get("model name") or told.get("cpu_name") or platform.processor() or platform.machine()
    return Processor(
        " ".join(str(name).split()),
        _physical_cores(root) or told.get("num_physical_cores"),
        os.cpu_count() or 1,
        usable_cores(root),
        _instructions(first, told),
    )


def read_memory(root: Path = SYSTEM) -> tuple[int | None, int | None]:
    """Returns the memory that this process may take and how much of it is free, in bytes; None: unknown."""
    total, free = _system_memory(root)
    limit = memory_limit(root)
    if limit is None:
        return total, free
    return min(total or limit.total, limit.total), min(free or limit.free, limit.free)


def _cpuinfo(root: Path) -> list[dict[str, str]]:
    """Returns what Linux tells about each logical core; empty elsewhere."""
    try:
        text = (root / "proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    blocks = [block for block in text.split("\n\n") if block.strip()]
    pairs = [[line.partition(":") for line in block.splitlines()] for block in blocks]
    return [{key.strip(): value.strip() for key, _, value in block} for block in pairs]


def _physical_cores(root: Path) -> int | None:
    siblings = (root / "sys/devices/system/cpu").glob("cpu[0-9]*/topology/thread_siblings_list")
    return len({path.read_text(encoding="utf-8").strip() for path in siblings}) or None


def _instructions(cpuinfo: dict[str, str], told: dict[str, Any]) -> dict[str, bool]:
    words = (cpuinfo.get("flags") or cpuinfo.get("Features") or "").split()
    arm = "Features" in cpuinfo or str(told.get("architecture", "")).lower() in ("arm64", "aarch64")
    names = [name for name in _INSTRUCTIONS if (name in _ARM_ONLY) == arm]
    if words:
        return {name: _INSTRUCTIONS[name][0] in words for name in names}
    return {name: bool(told[key]) for name in names if (key := _INSTRUCTIONS[name][1]) in told}


def _torch_capabilities() -> dict[str, Any]:
    """Returns what torch found out about the processor; empty where it does not tell, as in older releases."""
    import torch

    capabilities = getattr(torch.cpu, "get_capabilities", None)
    return dict(capabilities()) if capabilities else {}


def _system_memory(root: Path) -> tuple[int | None, int | None]:
    if sys.platform == "win32":
        return _windows_memory()
    if sys.platform == "darwin":
        return _mac_memory(), None
    try:
        text = (root / "proc/meminfo").read_text(encoding="utf-8")
    except OSError:
        return None, None
    kilobytes = {name: int(value) for name, value in re.findall(r"^(\w+):\s+(\d+) kB", text, re.MULTILINE)}
    total, free = (kilobytes.get(name) for name in ("MemTotal", "MemAvailable"))
    return total and total * 1024, free and free * 1024


if sys.platform == "win32":

    class _MemoryStatus(ctypes.Structure):
        """MEMORYSTATUSEX of the Windows API."""

        _fields_ = (
            ("length", ctypes.c_uint32),
            ("load", ctypes.c_uint32),
            *((name, ctypes.c_uint64) for name in ("total", "free", "pages", "free_pages", "space", "free_space", "x")),
        )

    def _windows_memory() -> tuple[int | None, int | None]:
        status = _MemoryStatus()
        status.length = ctypes.sizeof(status)
        if not ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
            return None, None
        return status.total, status.free


def _mac_memory() -> int | None:
    size = ctypes.c_uint64()
    length = ctypes.c_size_t(ctypes.sizeof(size))
    failed = ctypes.CDLL(None).sysctlbyname(b"hw.memsize", ctypes.byref(size), ctypes.byref(length), None, 0)
    return None if failed else size.value
