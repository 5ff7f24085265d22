"""Assessing a map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Optional, Tuple, Union

from .building import given
from .inputs import VectorSpec
from .job import JobSpec


@dataclass(frozen=True)
class AssessSpec(JobSpec):
    """Map + reference → accuracy.

    Attributes:
        map: A class map.
        reference: Path of a class raster, or features with a class.
        json: Metrics as JSON; empty: none.
        html: Metrics as a page; empty: none.
        mask: Polygons outside which nothing is compared; None: everywhere.
    """

    job: ClassVar[str] = "assess"

    map: str
    reference: Union[str, VectorSpec]
    json: str = ""
    html: str = ""
    mask: Optional[VectorSpec] = None

    def __post_init__(self) -> None:
        given("map", self.map)
        if isinstance(self.reference, str):
            given("reference", self.reference)
        self._check_outputs()

    def outputs(self) -> Tuple[str, ...]:
        return tuple(path for path in (self.json, self.html) if path)
