"""Classifiers as their files hold them, before it is decided what runs them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..cards import Card, SourceCard
from ..ensembles import Member
from .runtime import Runtime


@dataclass(frozen=True)
class Candidate:
    """A runtime that could be used.

    Attributes:
        name: As `Runtime.name`.
        precision: As `Runtime.precision`.
        build: Makes the runtime.
    """

    name: str
    precision: str
    build: Callable[[], Runtime]

    def __str__(self) -> str:
        return f"{TITLES[self.name]} in {self.precision}"


Choice = tuple[str, int, str, str]
"""Device, cores, and the runtime and precision that a user asked for: what the fastest runtime depends on."""

MIXED = "mixed"
"""Name of what computes an ensemble whose networks cannot all be run by the same runtime."""

TITLES = {"torch": "PyTorch", "onnxruntime": "ONNX Runtime", "openvino": "OpenVINO", MIXED: "A mix of runtimes"}


@dataclass(frozen=True)
class Place:
    """Where a network runs.

    Attributes:
        device: `cpu`, `mps`, `directml`, or a GPU as `cuda:0`.
        words: Sentences that say which and why.
        warnings: What the user should not miss, such as a GPU that fails.
    """

    device: str
    words: str
    warnings: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """`cpu`, `cuda`, `mps` or `directml`."""
        return self.device.partition(":")[0]


class Model(Protocol):
    """A classifier.

    Attributes:
        members: The checkpoints that it is made of: one, or those of an ensemble.
        card: Its card.
        alignment: Tiles start at, and have sides of, multiples of this many pixels.
        ramp: Half the width in pixels over which neighbouring tiles fade into each other.
        window_side: The only side of windows that it takes; 0: any that is aligned.
        fastest: Name and precision of what was found to be fastest in an earlier job.
    """

    members: tuple[Member, ...]
    card: Card
    alignment: int
    ramp: int
    window_side: int
    fastest: dict[Choice, tuple[str, str]]

    def bind(self, sources: Sequence[SourceCard]) -> None:
        """Prepares for a scene; its time stacks may have other dates than those of the card.

        Args:
            sources: What is read of the scene.

        Raises:
            CheckpointError: If the network is made for its own dates.
        """

    def place(self, wanted: str) -> Place:
        """Returns where it runs, for `auto`, `cpu`, `cuda` or `mps`.

        Raises:
            EngineError: If the wanted device is not there.
        """

    def candidates(self, device: str, cores: int, check: Callable[[], None]) -> list[Candidate]:
        """Returns what can run it on a device, first the one in fp32 that the others are compared with.

        Args:
            device: As `Place.device`.
            cores: CPU cores that may be used.
            check: Called now and then while a window is computed; raises to stop it.
        """


def lanes_of(cores: int) -> int:
    """How many windows a CPU computes side by side.

    Two single threads do more than two that wait for each other at the end of every layer, and go on when reading or
    writing takes one of the cores; many lanes would need many times the memory.
    """
    return min(max(cores // 4, 2), 4, cores)
