"""What is being stated about a layer: which band of the file has which role, and how values are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional, Sequence, Tuple

from ...algorithms.readings import Reading
from ...core.cards import family
from ...core.errors import SceneError
from ...core.sensors import AUTO, DEFAULT_SENSOR, GENERIC, SENSORS, UNUSED, BandMatch, match_bands
from ...core.usual_values import has_offset, unit_choices

Kind = Tuple[str, str]
"""A role (`optical`, `sar`, `embedding`) and a sensor id of it, or `generic`."""


@dataclass(frozen=True)
class Role:
    """A canonical band of a sensor.

    Attributes:
        name: Its canonical name.
        wavelength: In micrometres; None for radar and where it is unknown.
        alias: What it is also called.
    """

    name: str
    wavelength: Optional[float] = None
    alias: str = ""


class Draft:
    """A reading in the making. A band of the file has one role or none, and a role one band or none.

    Attributes:
        descriptions: Of the bands of the file, '' where there is none.
        role: `optical`, `sar` or `embedding`.
        sensor: A sensor id, or `generic`.
        units: As in `SourceSpec.units`.
        offset: As in `SourceSpec.offset`.
        roles: What bands can be.

    Args:
        path: The file.
        descriptions: As the attribute.
        role: What the layer is taken for.
        reading: What was stated before; None: nothing.
    """

    def __init__(self, path: str, descriptions: Sequence[str], role: str, reading: Optional[Reading] = None) -> None:
        self._path = path
        self.descriptions = tuple(descriptions)
        self._first_role = role
        self.reset()
        if reading is not None and reading.role:
            self._take(reading)

    def reset(self) -> None:
        """Goes back to what the file tells by itself."""
        self.units: str = AUTO
        self.offset: Optional[float] = None
        self.sensor = ""
        self._names: List[str] = [""] * len(self.descriptions)
        self.choose(*self.guess())

    def choose(self, role: str, sensor: str) -> None:
        """Chooses a sensor; one whose bands mean the same, as those of another level, leaves them where they are."""
        related = self.sensor != GENERIC and family(self.sensor) == family(sensor)
        self.role, self.sensor = role, sensor
        match = self._match(role, sensor)
        if related:
            known = SENSORS[sensor].names
            self._names = [name if name in known else "" for name in self._names]
        else:
            self._names = list(match.bands) if match else [""] * len(self.descriptions)
        profile = SENSORS.get(sensor)
        if profile is not None and profile.bands:
            self.roles = tuple(Role(b.name, b.wavelength, b.aliases[0] if b.aliases else "") for b in profile.bands)
        else:
            self.roles = tuple(Role(name) for name in self._names)
        if self.units not in unit_choices(role, sensor):
            self.units = AUTO
        if not has_offset(sensor):
            self.offset = None

    @property
    def names(self) -> Tuple[str, ...]:
        """The role of each band of the file, '' for one that is not used."""
        return tuple(self._names)

    @property
    def is_open(self) -> bool:
        """Whether roles can be renamed: those of a raster of any bands."""
        return self.sensor == GENERIC

    def band_of(self, place: int) -> Optional[int]:
        """Returns the band of the file (from 0) that has a role, or None."""
        name = self.roles[place].name
        return self._names.index(name) if name in self._names else None

    def place_of(self, band: int) -> Optional[int]:
        """Returns the place among the roles that a band of the file has, or None."""
        name = self._names[band]
        return next((place for place, role in enumerate(self.roles) if name and role.name == name), None)

    def assign(self, place: int, band: Optional[int]) -> None:
        """Gives a role to a band of the file, or to none; a band that had it takes the role that is given up."""
        holder = self.band_of(place)
        if holder is not None:
            self._names[holder] = self._names[band] if band is not None and band != holder else ""
        if band is not None:
            self._names[band] = self.roles[place].name

    def drop(self, band: int) -> None:
        """Leaves a band of the file out."""
        self._names[band] = ""

    def rename(self, place: int, name: str) -> bool:
        """Renames a role of a raster of any bands; False where the name is taken, or none."""
        name = name.replace(",", " ").strip()
        old = self.roles[place].name
        if not self.is_open or name in ("", UNUSED) or name in {role.name for role in self.roles} - {old}:
            return False
        self.roles = tuple(Role(name) if role.name == old else role for role in self.roles)
        self._names = [name if other == old else other for other in self._names]
        return True

    def guess(self) -> Kind:
        """Returns what the file tells by itself."""
        return self._first_role, self._guess(self._first_role)

    def reading(self) -> Optional[Reading]:
        """Returns what is stated; None where all is as the file tells by itself."""
        match = self._match(self.role, self.sensor)
        as_found = match is not None and match.bands == self.names
        if as_found and (self.role, self.sensor) == self.guess() and self._values_are_left:
            return None
        bands = () if as_found else tuple(name.replace(",", " ") or UNUSED for name in self._names)
        return Reading(self.role, self.sensor, self.units, bands, self.offset)

    @property
    def _values_are_left(self) -> bool:
        return self.units == AUTO and self.offset is None

    def _take(self, reading: Reading) -> None:
        sensor = self._guess(reading.role) if reading.sensor == AUTO else reading.sensor
        self.choose(reading.role, sensor)
        if len(reading.bands) == len(self.descriptions):
            stated = ["" if band == UNUSED else band for band in reading.bands]
            if self.is_open:
                given = dict(zip(self._names, stated))
                self.roles = tuple(Role(given[role.name] or role.name) for role in self.roles)
            known = {role.name for role in self.roles}
            canonical = stated if self.is_open else [SENSORS[sensor].canonical(band) or "" for band in stated]
            self._names = [name if name in known else "" for name in canonical]
        self.units, self.offset = reading.units, reading.offset

    def _guess(self, role: str) -> str:
        match = self._match(role, AUTO)
        return match.sensor if match else DEFAULT_SENSOR.get(role, GENERIC)

    def _match(self, role: str, sensor: str) -> Optional[BandMatch]:
        try:
            return match_bands(role, self.descriptions, self._path, sensor)
        except SceneError:
            return None


def kinds(role: str = "") -> List[Kind]:
    """Returns the sensors that can be chosen, of one role or of all."""
    found = [(sensor.role, sensor.id) for sensor in SENSORS.values()]
    found += [("optical", GENERIC), ("embedding", GENERIC)]
    order = ("optical", "sar", "embedding")
    return sorted((kind for kind in found if role in ("", kind[0])), key=lambda kind: order.index(kind[0]))
