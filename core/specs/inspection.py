"""Looking at the machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .job import JobSpec


@dataclass(frozen=True)
class InspectSpec(JobSpec):
    """The machine → what it can compute with: devices, processor, runtimes; there is nothing to choose."""

    job: ClassVar[str] = "inspect"
