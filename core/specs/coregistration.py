"""Laying an image exactly onto another one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import ClassVar, Tuple

from ..errors import SpecError
from ..sensors import AUTO
from .building import choice, given
from .inputs import SourceSpec
from .job import JobSpec

MATCHINGS = (AUTO, "values", "structure")
"""What windows of two images are compared by: their values (images of one kind), or the directions of their edges (any
two sensors)."""

LEAST_REACH, MOST_REACH = 2, 64


@dataclass(frozen=True)
class CoregisterSpec(JobSpec):
    """Image + reference image → the image where the reference says that it lies.

    Attributes:
        image: The image to move, optical or SAR; its file is left as it is.
        reference: The image that it is laid onto.
        output: A virtual raster (`.vrt`) that shows the moved image; it reads the image's file.
        matching: One of `MATCHINGS`.
        local: Whether each place has a shift of its own (the image is warped, once); else the whole image has one (its
            pixels stay as they are).
        reach: Largest shift that is looked for, in pixels of the coarser image.
        json: What was found as JSON; empty: none.
        html: What was found as a page; empty: none.
    """

    job: ClassVar[str] = "coregister"

    image: SourceSpec
    reference: SourceSpec
    output: str
    matching: str = AUTO
    local: bool = False
    reach: int = 10
    json: str = ""
    html: str = ""

    def __post_init__(self) -> None:
        for name, source in (("image", self.image), ("reference", self.reference)):
            choice(f"{name}.role", source.role, ("optical", "sar"))
        given("output", self.output)
        choice("matching", self.matching, MATCHINGS)
        if not LEAST_REACH <= self.reach <= MOST_REACH:
            raise SpecError(f"reach is {self.reach}; {LEAST_REACH} to {MOST_REACH} pixels are possible.")
        if not self.output.lower().endswith(".vrt"):
            raise SpecError(f"The output '{self.output}' is a virtual raster.", "Its name should end in .vrt.")
        self._check_outputs()
        inputs = {os.path.realpath(self.image.path), os.path.realpath(self.reference.path)}
        taken = [path for path in self.outputs() if os.path.realpath(path) in inputs]
        if taken:
            raise SpecError(f"The output '{taken[0]}' is an input.", "Choose another name.")

    def outputs(self) -> Tuple[str, ...]:
        return tuple(path for path in (self.output, self.json, self.html) if path)
