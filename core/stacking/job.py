"""The job that builds a time stack: files as they come → a file that says when and of what each image is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from ..errors import SceneError, SpecError
from ..processor import usable_cores
from ..progress import Reporter
from ..specs.stacks import BuildStackSpec
from ..stack_file import read_stack
from .corrections import corrected
from .drafts import BY_HAND, Draft, drafts_of, drafts_of_stack
from .findings import apart, crs_of, listed, series_findings
from .headers import files_of, read_headers
from .masks import with_masks
from .measuring import Measured, measure
from .writing import write_stack

_READ, _MEASURED = 0.3, 0.95
"""Shares of the job that are done after these steps."""


def build_stack(spec: BuildStackSpec, reporter: Reporter) -> dict[str, Any]:
    """Runs the job.

    Files that cannot be used are left out and named. Images without data, or of which too little is clear, stay in the
    file marked as dropped, so that QGIS shows them and another threshold can bring them back.

    Args:
        spec: The job.
        reporter: Takes progress and stops the job.

    Returns:
        `output` (path), `items` (see `_row`), `left_out` (path → why), `undated` (paths of those that only lack a date)
        and `findings` (sentences).

    Raises:
        LandSketchError: If there is nothing to make a stack of, or the job was cancelled; no output is left then.
    """
    reporter.stage(0.0, _READ, "Reading headers")
    drafts, left_out = _drafts(spec, reporter)
    drafts = corrected(drafts, spec.corrections)
    undated = {draft.header.path: _undated(draft) for draft in drafts if not draft.item.date}
    left_out |= undated
    drafts = [draft for draft in drafts if draft.item.date]
    elsewhere = apart(drafts)
    left_out |= {draft.header.path: elsewhere[draft.item.id] for draft in drafts if draft.item.id in elsewhere}
    drafts = [draft for draft in drafts if draft.item.id not in elsewhere]
    reporter.stage(_READ, _MEASURED, "Looking at the images")
    items, unusable = _measured(drafts, spec, reporter)
    left_out |= unusable
    if not items and (spec.output or not undated):
        reasons = " ".join(list(left_out.values())[:3])
        raise SceneError(
            f"No image can be used for a time stack. {reasons}".strip(), "" if reasons else "Choose others."
        )
    findings = _findings(items)
    for path in sorted(left_out):
        reporter.warn(f"Left out: {left_out[path]}")
    for sentence in findings:
        reporter.warn(sentence)
    _describe(items, reporter)
    if spec.output:
        if os.path.abspath(spec.output) in {os.path.abspath(path) for path in spec.inputs}:
            raise SpecError(f"The time stack '{spec.output}' would overwrite an input.", "Choose another name.")
        if all(draft.item.dropped for draft, _ in items):
            raise SceneError(
                f"All {len(items)} images are dropped: the best of them is {_best(items):.0%} clear.",
                "Lower the threshold, or choose other images.",
            )
        write_stack(spec.output, items)
        reporter.artifact(spec.output, "stack")
    return {
        "output": spec.output,
        "items": [_row(draft, measured) for draft, measured in items],
        "left_out": left_out,
        "undated": sorted(undated),
        "findings": findings,
    }


def _drafts(spec: BuildStackSpec, reporter: Reporter) -> tuple[list[Draft], dict[str, str]]:
    """Returns the images among the inputs with their masks, and of the files that cannot be used, why."""
    images, stacks = files_of(spec.inputs)
    read = [read_stack(path, dropped=True) for path in stacks]
    stacked = {band.path for stack in read for item in stack.items for band in item.bands}
    headers, left_out = read_headers(sorted({*images, *stacked}), spec.masks, spec.mask_kind, reporter)
    by_path = {header.path: header for header in headers}
    drafts = [draft for stack in read for draft in drafts_of_stack(stack, by_path)]
    files = [header for header in headers if not header.named.mask and header.path not in stacked]
    found, unusable = drafts_of(files, spec.date_bands)
    taken = {draft.item.id for draft in drafts}
    drafts += [draft for draft in found if draft.item.id not in taken]
    if spec.masks == "none":
        drafts = [replace(draft, item=replace(draft.item, mask=None)) for draft in drafts]
    return with_masks(drafts, [header for header in headers if header.named.mask]), left_out | unusable


def _undated(draft: Draft) -> str:
    if draft.header.days:
        return (
            f"'{draft.header.name}' names a date for each of its {len(draft.header.days)} bands; choose that its bands "
            "are dates, if they are to be a series."
        )
    return f"'{draft.header.name}' has no date in its name or its tags; state it, if it belongs to the series."


def _measured(
    drafts: Sequence[Draft], spec: BuildStackSpec, reporter: Reporter
) -> tuple[list[tuple[Draft, Measured]], dict[str, str]]:
    """Looks at all images, several at a time, and drops those of which too little is clear."""
    items: list[tuple[Draft, Measured]] = []
    unusable: dict[str, str] = {}
    with ThreadPoolExecutor(usable_cores(), thread_name_prefix="images") as pool:
        futures = [pool.submit(measure, draft, spec.thumbnails) for draft in drafts]
        try:
            for place, (draft, future) in enumerate(zip(drafts, futures, strict=True)):
                reporter.progress(place / len(drafts))
                try:
                    measured = reporter.await_future(future)
                except SceneError as error:
                    unusable[draft.header.path] = str(error)
                    continue
                items.append((_kept_or_dropped(draft, measured, spec.min_clear), measured))
        finally:
            for future in futures:
                future.cancel()
    return sorted(items, key=lambda pair: (pair[0].item.date, pair[0].item.id)), unusable


def _kept_or_dropped(draft: Draft, measured: Measured, least: float) -> Draft:
    share = measured.valid if measured.clear is None else measured.clear
    if draft.use is False:
        reason = BY_HAND
    elif measured.valid == 0:
        reason = "no data"
    elif draft.use is None and measured.clear == 0:
        reason = "nothing clear"
    elif draft.use is None and share < least:
        reason = f"only {share:.0%} {'valid' if measured.clear is None else 'clear'}"
    else:
        reason = ""
    mask = None if measured.problem else draft.item.mask
    item = replace(draft.item, mask=mask, clear=measured.clear, offset=measured.offset, dropped=reason)
    return replace(draft, item=item)


def _findings(items: Sequence[tuple[Draft, Measured]]) -> list[str]:
    sentences = [measured.problem for _, measured in items if measured.problem]
    dropped = [f"{draft.item.id} ({draft.item.dropped})" for draft, _ in items if draft.item.dropped]
    if dropped:
        sentences.append(f"{len(dropped)} of {len(items)} images are dropped: {listed(dropped, '')}.")
    used = [(draft, measured) for draft, measured in items if not draft.item.dropped]
    for role in ("optical", "sar"):
        of_role = [draft for draft, _ in used if draft.item.role == role]
        sentences += series_findings(role, of_role) if of_role else []
    unmasked = [d.item.id for d, m in used if d.item.role == "optical" and m.clear is None and not m.problem]
    if unmasked and len(unmasked) < sum(draft.item.role == "optical" for draft, _ in used):
        sentences.append(f"Others have a cloud mask; these have none: {listed(unmasked)}.")
    return sentences


def _describe(items: Sequence[tuple[Draft, Measured]], reporter: Reporter) -> None:
    for draft, measured in items:
        share = f"{measured.valid:.0%} valid" if measured.clear is None else f"{measured.clear:.0%} clear"
        dropped = f", dropped ({draft.item.dropped})" if draft.item.dropped else ""
        reporter.log(f"{draft.item.date} {draft.item.sensor}, {share}: {draft.item.id}{dropped}")
    for role, title in (("optical", "optical"), ("sar", "radar")):
        days = [draft.item.date for draft, _ in items if draft.item.role == role and not draft.item.dropped]
        if days:
            reporter.log(f"{len(days)} {title} images from {days[0]} to {days[-1]}.")


def _best(items: Sequence[tuple[Draft, Measured]]) -> float:
    return max(measured.valid if measured.clear is None else measured.clear for _, measured in items)


def _row(draft: Draft, measured: Measured) -> dict[str, Any]:
    """Returns what a table shows of an image."""
    item, grid = draft.item, draft.header.grid
    return {
        "id": item.id,
        "date": item.date,
        "role": item.role,
        "sensor": item.sensor,
        "units": item.units,
        "offset": item.offset,
        "bands": [band.name for band in item.bands],
        "files": list(draft.files),
        "mask": {"path": item.mask.path, "kind": item.mask.kind} if item.mask else None,
        "valid": measured.valid,
        "clear": measured.clear,
        "dropped": item.dropped,
        "grid": f"{crs_of(draft)}, {grid.gsd:.4g} m",
        "picture": measured.picture,
    }
