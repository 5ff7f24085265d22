"""What the specs of all jobs have in common."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from typing import Any, ClassVar, Dict, Tuple, Type, TypeVar

from ..errors import SpecError
from .building import build

DEVICES = ("auto", "cpu", "cuda", "mps")

Spec = TypeVar("Spec", bound="JobSpec")


@dataclass(frozen=True)
class JobSpec:
    """Base of the specs: JSON in, JSON out, unknown fields named."""

    job: ClassVar[str] = ""

    def to_json(self) -> Dict[str, Any]:
        """Returns the spec as plain JSON values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls: Type[Spec], values: Dict[str, Any]) -> Spec:
        """Builds a spec from plain JSON values.

        Raises:
            SpecError: If a field is unknown, missing, or of the wrong type.
        """
        return build(cls, values, cls.job)

    def outputs(self) -> Tuple[str, ...]:
        """Returns the paths of the files that the job writes."""
        return ()

    def _check_outputs(self) -> None:
        for path in self.outputs():
            folder = os.path.dirname(os.path.abspath(path))
            if not os.path.isdir(folder):
                raise SpecError(f"The folder '{folder}' of the output '{path}' does not exist.", "Create it first.")
