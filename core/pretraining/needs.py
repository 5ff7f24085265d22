"""Whether scenes have what a method of pretraining learns from."""

from __future__ import annotations

from collections.abc import Sequence

from ..coarse import SERIES
from ..errors import SpecError
from ..pretraining_methods import BESIDE, PretrainingMethod

_PAIR = ("optical", SERIES)


def check_roles(method: PretrainingMethod, network: str, scenes: Sequence[Sequence[str]]) -> None:
    """Checks what scenes hold.

    Args:
        method: The method.
        network: The network that learns.
        scenes: Of each scene the roles of its sources.

    Raises:
        SpecError: If something is missing, or cannot be read.
    """
    other = next((roles for roles in scenes if tuple(roles) != _PAIR), None)
    if network == BESIDE and other is not None:
        raise SpecError(
            f"The network '{network}' learns from an optical image and a time stack beside it, and from nothing else; "
            f"a scene has {' and '.join(other)}.",
            "Give both for every scene, or choose another network.",
        )
    if network != BESIDE and any(SERIES in roles for roles in scenes):
        raise SpecError(
            f"{method.title} with the network '{network}' does not read a time stack beside an image.",
            f"Choose SimCLR with the network '{BESIDE}', or give the time stack or the image alone.",
        )
    missing = [role for role in method.roles if not any(role in roles for roles in scenes)]
    if missing:
        raise SpecError(
            f"{method.title} learns from {' and '.join(method.roles)} images; no scene has {' and '.join(missing)}.",
            "Add such scenes, or choose another method.",
        )
