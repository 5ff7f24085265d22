"""Import of a published encoder: a file in any of the usual forms becomes a checkpoint with a card."""

from __future__ import annotations

import os
from typing import Any

import torch

from ..models.checkpoints import save_checkpoint
from ..models.fitting import in_short
from ..models.identification import Claim
from ..models.published import Published, read_published
from .cards import Card
from .download import download
from .encoder_registry import EncoderEntry, encoder
from .errors import CheckpointError
from .progress import Reporter
from .specs import ImportSpec
from .version import version


def import_checkpoint(spec: ImportSpec, reporter: Reporter) -> dict[str, Any]:
    """Runs the job.

    Returns:
        `output`, `encoder` (id in the registry, or ''), `matched` (number of tensors), and the names of those `missing`
        and `unexpected`, with `changes` and `notes` in words.

    Raises:
        CheckpointError: If the file cannot be had or read, is of no known encoder, or does not fit what is said of it.
        OutputError: If the checkpoint cannot be written.
    """
    path = spec.path or _downloaded(encoder(spec.encoder), reporter)
    reporter.stage(0.8 if not spec.path else 0.0, 0.9, f"Reading {os.path.basename(path)}")
    claim = Claim(spec.encoder, spec.sensor, spec.bands, spec.mean, spec.std, spec.adapt)
    published = reporter.await_result(read_published, path, claim)
    _tell(published, reporter)
    reporter.stage(0.9, 1.0, "Writing the checkpoint")
    network = published.encoder
    card = Card(
        {"encoder": published.architecture},
        published.sources,
        network.tile,
        network.halo,
        provenance=provenance(published, path),
    )
    save_checkpoint(spec.output, network, card)
    reporter.artifact(spec.output, "checkpoint")
    reporter.progress(1.0)
    return {
        "output": spec.output,
        "encoder": published.entry.id if published.entry else "",
        **published.report.to_json(),
        "changes": list(published.changes),
        "notes": list(published.notes),
    }


def provenance(published: Published, path: str) -> dict[str, Any]:
    """Returns what the card says of where the weights come from."""
    entry = published.entry
    return {
        "method": "imported",
        "encoder": entry.id if entry else "",
        **({"trained by": entry.method, "data": entry.data, "paper": entry.paper, "url": entry.url} if entry else {}),
        "licence": published.licence,
        "file": os.path.basename(path),
        "sha256": published.sha256,
        "report": published.report.to_json(),
        "changes": list(published.changes),
        "notes": [*(entry.notes if entry else ()), *published.notes],
        "versions": {"landsketch": version(), "torch": torch.__version__},
    }


def _downloaded(entry: EncoderEntry, reporter: Reporter) -> str:
    """Downloads an entry's file, which the user asked for by naming the entry and no file."""
    if entry.manual:
        raise CheckpointError(
            f"{entry.title} cannot be downloaded by LandSketch.", f"Download it from {entry.url}, and give its path."
        )
    reporter.stage(0.0, 0.8, f"Downloading {entry.title} ({entry.size_mb} MB, licence: {entry.licence})")
    # A folder for each: several have the same file name.
    return download(entry.url, os.path.join(entry.id, entry.file_name), entry.sha256, reporter)


def _tell(published: Published, reporter: Reporter) -> None:
    """Logs what was recognised, and how the tensors fit."""
    report, entry = published.report, published.entry
    reporter.log(f"Recognised: {entry.title} ({entry.id})." if entry else f"Recognised: {published.architecture}.")
    reporter.log(f"{report.matched} tensors are taken over.")
    if report.missing:
        reporter.warn(f"Missing in the file, and left untrained: {in_short(report.missing)}.")
    if report.unexpected:
        reporter.log(f"Of the file, {len(report.unexpected)} tensors are not used: {in_short(report.unexpected)}.")
    for change in published.changes:
        reporter.warn(change)
    for note in published.notes:
        reporter.warn(note)
