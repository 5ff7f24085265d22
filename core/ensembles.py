"""Ensembles: several checkpoints with the same classes, the mean of whose probabilities makes the map.

Standard library only: QGIS checks an ensemble against the chosen layers before a long run.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Dict, List, Sequence

from .cards import BY_POSITION, Card, Normalisation, SourceCard, check_roles
from .errors import CheckpointError
from .legend import ClassLegend


@dataclass(frozen=True)
class Member:
    """One checkpoint of an ensemble; a checkpoint alone is an ensemble of one.

    Attributes:
        path: Its file.
        card: Its card.
        weight: How much its probabilities count beside those of the others; above 0.
    """

    path: str
    card: Card
    weight: float = 1.0


def title_of(members: Sequence[Member]) -> str:
    """Returns the name of an ensemble, for people: the file of a checkpoint alone, or the names of all."""
    if len(members) == 1:
        return members[0].path
    return " + ".join(os.path.basename(member.path) for member in members)


def ensemble_card(members: Sequence[Member]) -> Card:
    """Returns the card of an ensemble: every source that a member reads, with the bands of all of them.

    Its normalisations say nothing: each member has its own. Tiles are as small as the member wants them that wants the
    smallest, and have as much context as the one that needs most.

    Raises:
        CheckpointError: If the members differ in their classes, or cannot read the same layers.
    """
    first, *others = members
    if not others:
        return first.card
    for member in members:
        _legend(member)
    for other in others:
        _check_classes(first, other)
    roles = list(dict.fromkeys(role for member in members for role in member.card.roles))
    names = [os.path.basename(member.path) for member in members]
    return Card(
        architecture={"name": "ensemble", "members": names},
        sources=tuple(_merged(role, [member for member in members if role in member.card.roles]) for role in roles),
        tile=min(member.card.tile for member in members),
        halo=max(member.card.halo for member in members),
        legend=first.card.legend,
        provenance={"method": "mean of probabilities", "weights": [member.weight for member in members]},
    )


def check_member_roles(members: Sequence[Member], roles: Sequence[str]) -> None:
    """Checks that a scene has what each member needs, and nothing that none of them uses.

    Raises:
        CheckpointError: If not, naming the member.
    """
    for member in members:
        check_roles(member.card.sources, [role for role in roles if role in member.card.roles], member.path)
    check_roles(ensemble_card(members).sources, roles, title_of(members))


def _legend(member: Member) -> ClassLegend:
    if member.card.legend is None:
        raise CheckpointError(
            f"Checkpoint '{member.path}' has no classes.", "Fine-tune it with labels first, or leave it out."
        )
    return member.card.legend


def _check_classes(first: Member, other: Member) -> None:
    ours, theirs = _names(first), _names(other)
    if ours == theirs:
        return
    differences: List[str] = []
    for value in sorted({*ours, *theirs}):
        one, two = ours.get(value), theirs.get(value)
        if one is None or two is None:
            there = other if one is None else first
            differences.append(f"{value} ({one or two}) is only in '{there.path}'")
        elif one != two:
            differences.append(f"{value} is '{one}' in '{first.path}' and '{two}' in '{other.path}'")
    raise CheckpointError(
        f"The checkpoints of an ensemble have different classes: {'; '.join(differences)}.",
        "Fine-tune them on labels with the same classes, or leave one out.",
    )


def _names(member: Member) -> Dict[int, str]:
    return {entry.value: entry.name for entry in _legend(member)}


def _merged(role: str, members: Sequence[Member]) -> SourceCard:
    """Returns what is read of a role for all members that use it."""
    first, *others = members
    sources = [member.card.source(role) for member in members]
    if not others:
        return sources[0]
    by_position = sources[0].sensor == BY_POSITION
    for other, source in zip(others, sources[1:]):
        if (source.sensor == BY_POSITION) != by_position:
            plain, named = (first, other) if by_position else (other, first)
            raise CheckpointError(
                f"'{plain.path}' takes the bands of the layer ({role}) by their position and as they are stored, "
                f"'{named.path}' by their names.",
                "Leave one of them out; a layer is read in one way only.",
            )
        if source.step != sources[0].step:
            raise CheckpointError(
                f"'{first.path}' and '{other.path}' were made for time stacks whose pixels are {sources[0].step} and "
                f"{source.step} times as large as those of the image.",
                "Leave one of them out.",
            )
    names = [band for source in sources for band in source.bands]
    return replace(
        sources[0],
        bands=max((source.bands for source in sources), key=len) if by_position else tuple(dict.fromkeys(names)),
        normalisation=Normalisation("of each member", (), ()),
        optional=all(source.optional for source in sources),
        partial=all(source.partial for source in sources),
        margin=max(source.margin for source in sources),
    )
