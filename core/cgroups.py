"""The limits that a container or a scheduler has set for this process, on Linux: cores and memory.

Both generations of control groups are read; the limit of a group holds for all groups inside it. Without them, as on
other systems, there are no limits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SYSTEM = Path("/")


@dataclass(frozen=True)
class MemoryLimit:
    """How much memory a group may take, and how much of that is free, in bytes."""

    total: int
    free: int


def core_limit(root: Path = SYSTEM) -> float | None:
    """Returns how many cores' time this process may take; None: no limit."""
    limits = [limit for folder in _groups("cpu", root) if (limit := _core_limit(folder)) is not None]
    return min(limits, default=None)


def memory_limit(root: Path = SYSTEM) -> MemoryLimit | None:
    """Returns the memory that this process may take; None: no limit."""
    limits = [limit for folder in _groups("memory", root) if (limit := _memory_limit(folder)) is not None]
    if not limits:
        return None
    return MemoryLimit(min(limit.total for limit in limits), min(limit.free for limit in limits))


def _groups(controller: str, root: Path) -> Iterator[Path]:
    """Yields the folders of this process's groups, from the innermost to the outermost."""
    mounts = root / "sys/fs/cgroup"
    for line in (_text(root / "proc/self/cgroup") or "").splitlines():
        controllers, _, path = line.partition(":")[2].partition(":")
        # Of the second generation, one group has all controllers and the line names none.
        if controllers and controller not in controllers.split(","):
            continue
        mount = mounts / controller if controllers else mounts
        # Inside a container the path may be the host's, which is not there; the container's own group is the mount.
        parts = [part for part in path.split("/") if part not in ("", "..")]
        for depth in range(len(parts), -1, -1):
            folder = mount.joinpath(*parts[:depth])
            if folder.is_dir():
                yield folder


def _core_limit(folder: Path) -> float | None:
    quota, period = [*(_text(folder / "cpu.max") or "").split(), "", ""][:2]
    if not quota:
        quota, period = (_text(folder / f"cpu.cfs_{name}_us") or "" for name in ("quota", "period"))
    # No limit is 'max' in the second generation and -1 in the first.
    if not (quota.isdigit() and period.isdigit() and int(period)):
        return None
    return int(quota) / int(period)


def _memory_limit(folder: Path) -> MemoryLimit | None:
    for limit, used, cache in (
        ("memory.max", "memory.current", "inactive_file"),
        ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ):
        total, taken = _text(folder / limit) or "", _text(folder / used) or ""
        if total.isdigit() and taken.isdigit():
            # The cache of files counts as taken, and is given back when memory is asked for.
            return MemoryLimit(int(total), max(int(total) - int(taken) + _statistic(folder, cache), 0))
    return None


def _statistic(folder: Path, name: str) -> int:
    for line in (_text(folder / "memory.stat") or "").splitlines():
        key, _, value = line.partition(" ")
        if key == name and value.isdigit():
            return int(value)
    return 0


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return None
