"""How a layer is read, as the user has stated it: kept with the layer in the project, so that every tool takes it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Optional, Sequence, Tuple

from qgis.core import QgsMapLayer

from ..core.errors import LandSketchError
from ..core.sensors import AUTO
from ..core.specs import SourceSpec

PROPERTY = "landsketch/reading"
"""The custom property of a layer that keeps how it is read."""


@dataclass(frozen=True)
class Reading:
    """What was stated about a layer; what is `auto`, empty or None is found in the file.

    Attributes:
        role: `optical`, `sar` or `embedding`.
        sensor: A sensor id of `core.sensors`, `generic`, or `auto`.
        units: As in `SourceSpec.units`.
        bands: As in `SourceSpec.bands`.
        offset: As in `SourceSpec.offset`.
    """

    role: str
    sensor: str = AUTO
    units: str = AUTO
    bands: Tuple[str, ...] = ()
    offset: Optional[float] = None

    @property
    def says_something(self) -> bool:
        """Whether anything is stated."""
        return self != Reading(self.role)

    def over(self, other: Optional[Reading], sensors: Sequence[str]) -> Reading:
        """Returns what is stated here, and for the rest what another reading says.

        Args:
            other: The reading kept with the layer; None: there is none.
            sensors: Those that the sensor stated here stands for; bands and values of another sensor mean nothing.
        """
        if other is None or other.role != self.role or not {self.sensor, *sensors} & {AUTO, other.sensor}:
            return self
        return replace(
            self,
            sensor=other.sensor if other.sensor in sensors or self.sensor == AUTO else self.sensor,
            units=other.units if self.units == AUTO else self.units,
            bands=self.bands or other.bands,
            offset=other.offset if self.offset is None else self.offset,
        )


def kept_reading(layer: QgsMapLayer) -> Optional[Reading]:
    """Returns what is kept with a layer; None where nothing is, or it cannot be understood (any more)."""
    text = layer.customProperty(PROPERTY, "")
    try:
        values = json.loads(text)
        reading = Reading(**{**values, "bands": tuple(values["bands"])})
        # Looks at every value; the path plays no part.
        SourceSpec(reading.role, "layer", reading.sensor, reading.units, reading.bands, reading.offset)
    except (TypeError, ValueError, KeyError, LandSketchError):
        return None
    return reading


def keep_reading(layer: QgsMapLayer, reading: Optional[Reading]) -> None:
    """Keeps with a layer how it is read; None, or nothing stated, leaves it to be found."""
    if reading is None or not reading.says_something:
        layer.removeCustomProperty(PROPERTY)
    else:
        layer.setCustomProperty(PROPERTY, json.dumps(asdict(reading)))
