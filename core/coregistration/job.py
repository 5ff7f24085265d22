"""The co-registration job: image + reference → the image where the reference says that it lies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from rasterio.warp import transform

from ..errors import SceneError
from ..outputs import all_finished
from ..progress import Reporter
from ..report import coregistration_page
from ..sensors import AUTO
from ..specs import CoregisterSpec
from ..version import version as landsketch_version
from ..version import versions
from .agreement import CHANCE, Evidence, Verdict, changing_shift, one_shift
from .field import Field, shift_field
from .pair import Pair, look, opened
from .pictures import arrows, checkerboards
from .virtual import write_moved, write_warped

_LOOKED = 0.9


def coregister(spec: CoregisterSpec, reporter: Reporter) -> dict[str, Any]:
    """Runs a co-registration job.

    Windows spread over what both images show say, each on its own, how far the image has to go. Where enough of them
    agree, the image is moved: as a whole by another geotransform, so that no pixel is resampled, or warped once while
    it is read. Where they do not, it is not moved at all.

    Args:
        spec: The job.
        reporter: Takes progress and stops the job.

    Returns:
        `output`, `json` and `html` (paths), `found` (see `_described`).

    Raises:
        LandSketchError: If an input cannot be used, the windows do not agree, or the job was cancelled; no output is
            left then.
    """
    with all_finished(spec.outputs()) as temporaries, opened(spec.image, spec.reference) as pair:
        places = dict(zip(spec.outputs(), temporaries, strict=True))
        for warning in [*pair.reference.doubts, *pair.image.doubts]:
            reporter.warn(warning)
        evidence, verdict, matching = _agreed(spec, pair, reporter)
        reporter.stage(_LOOKED, 1.0, "Writing the results")
        field = shift_field(evidence, verdict) if spec.local else _everywhere(verdict)
        found = _described(pair, evidence, verdict, matching, field)
        reporter.log(_sentence(found))
        if spec.local:
            write_warped(spec.image.path, places[spec.output], pair.full, pair.grid, field)
        else:
            write_moved(spec.image.path, places[spec.output], *_in_own_units(pair, evidence, verdict))
        if spec.json:
            document = json.dumps({"landsketch": landsketch_version(), **found}, indent=2, allow_nan=False)
            Path(places[spec.json]).write_text(document, encoding="utf-8")
        if spec.html:
            Path(places[spec.html]).write_text(_page(spec, pair, evidence, verdict, field, found), encoding="utf-8")
        reporter.check()
    for path, kind in ((spec.output, "raster"), (spec.json, "metrics"), (spec.html, "report")):
        if path:
            reporter.artifact(path, kind)
    return {"output": spec.output, "json": spec.json, "html": spec.html, "found": found}


def _agreed(spec: CoregisterSpec, pair: Pair, reporter: Reporter) -> tuple[Evidence, Verdict, str]:
    """Compares windows in the way that is asked for, or in the first way in which they agree.

    Raises:
        SceneError: If they do not agree.
    """
    alike = spec.image.role == spec.reference.role
    ways = ("values", "structure") if alike else ("structure", "values")
    asked = ways if spec.matching == AUTO else (spec.matching,)
    best: Verdict | None = None
    for number, way in enumerate(asked):
        reporter.stage(_LOOKED * number / len(asked), _LOOKED * (number + 1) / len(asked), f"Comparing by {way}")
        evidence = look(pair, way, spec.reach, spec.local, reporter)
        verdict = (changing_shift if spec.local else one_shift)(evidence)
        if verdict.shift is not None:
            return evidence, verdict, way
        best = verdict if best is None or verdict.share > best.share else best
    image, reference = pair.image.sources[0].layer, pair.reference.sources[0].layer
    share, count = (best.share, len(best.agreeing)) if best else (0.0, 0)
    raise SceneError(
        f"It cannot be told how '{image}' lies on '{reference}': {share:.0%} of {count} windows agree on a shift of up "
        f"to {spec.reach} pixels, as they may by chance.",
        "Choose images of the same season with edges that both show (roads, shores, fields), a reference of the same "
        "kind, or look for a larger shift.",
    )


def _everywhere(verdict: Verdict) -> Field:
    """The same shift at every place."""
    return lambda places: np.repeat(np.asarray(verdict.shift)[None], len(places), axis=0)


def _in_own_units(pair: Pair, evidence: Evidence, verdict: Verdict) -> tuple[float, float]:
    """Returns the shift to the east and to the north in the coordinate system of the image's file."""
    row, column = evidence.places[verdict.agreeing].mean(axis=0)
    down, across = np.asarray(verdict.shift)
    xs, ys = zip(
        *(pair.grid.transform @ place for place in ((column, row), (column + across, row + down))), strict=True
    )
    crs = pair.image.sources[0].grid.crs
    xs, ys = transform(pair.grid.crs, crs, list(xs), list(ys))
    return xs[1] - xs[0], ys[1] - ys[0]


def _described(pair: Pair, evidence: Evidence, verdict: Verdict, matching: str, field: Field) -> dict[str, Any]:
    """Returns what was found, as JSON values.

    Returns:
        `matching`; `moved`: `east` and `north` in the reference's `crs`, in `degrees` or in its units; `pixels`
        (the length of that) of `pixel` (side, in these units); `share`, `chance`, `spread` and `error` (see `Verdict`);
        `windows`: for each the `place` (x, y), the `shift` that it says (to the east and to the north, in pixels; None:
        none), whether it `agrees`, and the `applied` shift there.
    """
    linear = pair.grid.transform
    down, across = np.asarray(verdict.shift)
    east, north = (linear.a * across + linear.b * down, linear.d * across + linear.e * down)
    windows = []
    for place, shift, agrees, applied in zip(
        evidence.places, evidence.shifts, verdict.agreeing, field(evidence.places), strict=True
    ):
        says = None if not np.isfinite(shift).all() else [float(shift[1]), float(-shift[0])]
        x, y = linear @ (place[1], place[0])
        windows.append(
            {
                "place": [float(x), float(y)],
                "shift": says,
                "agrees": bool(agrees),
                "applied": [float(applied[1]), float(-applied[0])],
            }
        )
    return {
        "matching": matching,
        "moved": {
            "east": float(east),
            "north": float(north),
            "crs": str(pair.grid.crs),
            "degrees": pair.grid.crs.is_geographic,
        },
        "pixels": float(np.hypot(down, across)),
        "pixel": float(np.hypot(linear.a, linear.d)),
        "share": verdict.share,
        "chance": verdict.chance,
        "spread": verdict.spread,
        "error": verdict.error,
        "windows": windows,
    }


def _sentence(found: dict[str, Any]) -> str:
    agreeing = sum(window["agrees"] for window in found["windows"])
    return (
        f"{_way(found)} {agreeing} of {len(found['windows'])} windows say so, with a standard error of "
        f"{found['error']:.2f} pixels."
    )


def _way(found: dict[str, Any]) -> str:
    moved, unit = found["moved"], "degrees" if found["moved"]["degrees"] else "m"
    digits = 6 if found["moved"]["degrees"] else 2
    east, north = moved["east"], moved["north"]
    return (
        f"{abs(east):.{digits}f} {unit} to the {'east' if east >= 0 else 'west'} and {abs(north):.{digits}f} {unit} to "
        f"the {'north' if north >= 0 else 'south'}."
    )


def _page(
    spec: CoregisterSpec, pair: Pair, evidence: Evidence, verdict: Verdict, field: Field, found: dict[str, Any]
) -> str:
    before, after = checkerboards(pair, evidence, verdict, field)
    image, reference = pair.image.sources[0], pair.reference.sources[0]
    facts = {
        "Image": f"{image.layer}, read as {image.match.sensor}",
        "Reference": f"{reference.layer}, read as {reference.match.sensor}",
        "Bands compared": f"{' '.join(pair.bands[1])} on {' '.join(pair.bands[0])}",
        "Windows compared by": found["matching"],
        "Pixel of the comparison": f"{found['pixel']:g} ({found['moved']['crs']})",
        "Largest shift looked for": f"{spec.reach} pixels",
        "Moved": "each place by its own shift, warped while it is read" if spec.local else "as a whole, not resampled",
        "Versions": ", ".join(
            f"{name} {value}" for name, value in versions("scikit-image", "scipy", "rasterio").items()
        ),
    }
    return coregistration_page(found, _way(found), CHANCE, (before, after), arrows(pair, evidence, verdict), facts)
