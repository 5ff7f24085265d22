"""Whether a scene is what each checkpoint of an ensemble was made for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

from ..cards import Card
from ..ensembles import check_member_roles
from ..fit import check_layers
from ..runtimes.model import Model
from ..scenes import Scene


def check_members(model: Model, scene: Scene) -> None:
    """Checks that a scene has what every member of a classifier needs.

    Raises:
        CheckpointError: If it has not, naming the member.
    """
    check_member_roles(model.members, scene.roles)
    for member in model.members:
        check_layers(member.card, scene, member.path)


def of_members(lines: Callable[[Card, Scene], list[str]], model: Model, scene: Scene) -> list[str]:
    """Returns what there is to say about a scene for each member; with more than one, its name before it."""
    if len(model.members) == 1:
        return lines(model.card, scene)
    return [f"{PurePath(one.path).name}: {line}" for one in model.members for line in lines(one.card, scene)]
