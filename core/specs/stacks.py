"""Building time stacks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Optional, Tuple

from ..errors import SpecError
from ..sensors import AUTO, GENERIC, SENSORS
from .building import choice, given
from .inputs import UNITS
from .job import JobSpec

MASK_KINDS = (
    "scl", "qa60", "qa_pixel", "fmask", "hls_fmask", "force_qai", "udm2", "mask", "probability",
)  # fmt: skip
"""Kinds of cloud masks; `core.stack_masks` says what each one hides."""


@dataclass(frozen=True)
class CorrectionSpec:
    """What is known better of an image than its name and its values tell.

    Attributes:
        image: Its id in the stack, its path, or its file's name.
        date: ISO day; empty: as found.
        sensor: A sensor id, `generic`, or `auto`: as found.
        units: As in `SourceSpec.units`.
        offset: As in `SourceSpec.offset`.
        use: Whether it is used; None: unless too little of it is clear.
    """

    image: str
    date: str = ""
    sensor: str = AUTO
    units: str = AUTO
    offset: Optional[float] = None
    use: Optional[bool] = None

    def __post_init__(self) -> None:
        given("image", self.image)
        choice("sensor", self.sensor, (AUTO, GENERIC, *SENSORS))
        choice("units", self.units, UNITS)
        try:
            if self.date and date.fromisoformat(self.date).isoformat() != self.date:
                raise ValueError
        except ValueError as error:
            raise SpecError(f"The date of '{self.image}' is '{self.date}'.", "Write it as 2020-05-14.") from error


@dataclass(frozen=True)
class BuildStackSpec(JobSpec):
    """Dated images → time stack.

    Attributes:
        inputs: Image files, folders (of images, or products such as `.SAFE`), and stacks.
        output: The stack (`.json`); empty: it is only told what it would hold.
        corrections: Of single images.
        masks: `auto`: cloud masks beside the images or among their bands; `none`; or a pattern of file names, such as
            `*_clouds.tif`.
        mask_kind: What the files of such a pattern are, one of `MASK_KINDS`; `auto`: by their names, else `mask`.
        min_clear: Images are dropped of which a smaller share than this is clear, 0 to 1; they stay in it, marked.
        date_bands: Whether the bands of files without a date of their own are dates, as their descriptions say.
        thumbnails: Longest side in pixels of the pictures in the result; 0: none.
    """

    job: ClassVar[str] = "buildstack"

    inputs: Tuple[str, ...]
    output: str = ""
    corrections: Tuple[CorrectionSpec, ...] = ()
    masks: str = AUTO
    mask_kind: str = AUTO
    min_clear: float = 0.0
    date_bands: bool = False
    thumbnails: int = 0

    def __post_init__(self) -> None:
        if not self.inputs:
            raise SpecError("No image was given.", "Give files, folders, or a time stack.")
        given("masks", self.masks)
        choice("mask_kind", self.mask_kind, (AUTO, *MASK_KINDS))
        if not 0 <= self.min_clear <= 1:
            raise SpecError(f"min_clear is {self.min_clear}; a share from 0 to 1 is expected.")
        if self.output and not self.output.lower().endswith(".json"):
            raise SpecError(f"The time stack '{self.output}' has the wrong file type.", "Its name should end in .json.")
        self._check_outputs()

    def outputs(self) -> Tuple[str, ...]:
        return (self.output,) if self.output else ()
