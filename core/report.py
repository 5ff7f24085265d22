"""HTML pages to read: one file each, without anything from outside, in light and dark."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from .areas import AreaEstimate
from .cards import Card
from .clustering.agreement import Agreement
from .curves import charts, pretraining_charts
from .metrics import Accuracy

if TYPE_CHECKING:
    from .scene_classes.accuracy import MultiLabelAccuracy

_TEMPLATES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "templates")
_MOST_CONFUSIONS = 4
_LEAST_CONFUSION = 0.05


def assessment_page(
    accuracy: Accuracy,
    areas: AreaEstimate | None,
    colours: Mapping[str, str],
    warnings: Sequence[str],
    notes: Sequence[str],
    facts: Mapping[str, str],
) -> str:
    """Returns the page about a map's accuracy.

    Args:
        accuracy: All measures.
        areas: Areas in hectares, if they could be estimated.
        colours: `#rrggbb` of each class name.
        warnings: What the reader should not miss, shown first.
        notes: How to read the numbers.
        facts: Names and values of what was compared with what.
    """
    return rendered(
        "assessment.html",
        title="Accuracy of the map",
        lead=f"The map compared with its reference on {accuracy.count:,} pixels.",
        accuracy=accuracy,
        areas=areas,
        largest=_largest(areas),
        colours=colours,
        confusions=confusions(accuracy),
        warnings=warnings,
        notes=notes,
        facts=facts,
    )


def finetune_page(
    card: Card,
    accuracy: Accuracy | None,
    split_words: str,
    history: Sequence[dict[str, float]],
    warnings: Sequence[str],
    facts: Mapping[str, str],
) -> str:
    """Returns the page about a fine-tuning.

    Args:
        card: Of the checkpoint.
        accuracy: On held-out features, if any were held out.
        split_words: How features were held out, in words.
        history: Per epoch the key `epoch` and measures; empty for a head that has no epochs.
        warnings: What the reader should not miss, shown first.
        facts: Names and values: data, method, seed, versions.
    """
    legend = card.legend or ()
    return rendered(
        "finetune.html",
        title="Fine-tuning",
        lead="How well the new checkpoint tells the classes apart where it has not seen the labels.",
        accuracy=accuracy,
        colours={entry.name: entry.colour for entry in legend},
        confusions=confusions(accuracy) if accuracy else [],
        split_words=split_words,
        charts=charts(history),
        sources=card.sources,
        legend=legend,
        warnings=warnings,
        facts=facts,
    )


def scenes_page(
    card: Card,
    accuracy: Accuracy | MultiLabelAccuracy | None,
    split_words: str,
    history: Sequence[dict[str, float]],
    warnings: Sequence[str],
    facts: Mapping[str, str],
) -> str:
    """Returns the page about a fine-tuning on patches; as `finetune_page`, but of patches with a class or several."""
    legend = card.legend or ()
    single = accuracy if isinstance(accuracy, Accuracy) else None
    return rendered(
        "scenes.html",
        title="Fine-tuning on patches",
        lead="How well the new checkpoint tells what whole patches show, where it has not seen them.",
        accuracy=single,
        several=None if single else accuracy,
        colours={entry.name: entry.colour for entry in legend},
        confusions=confusions(single) if single else [],
        unit="patches",
        split_words=split_words,
        charts=charts(history),
        sources=card.sources,
        legend=legend,
        warnings=warnings,
        facts=facts,
    )


def pretrain_page(
    lead: str,
    history: Sequence[dict[str, float]],
    pictures: Sequence[tuple[str, str, Sequence[Any]]],
    warnings: Sequence[str],
    facts: Mapping[str, str],
) -> str:
    """Returns the page about a pretraining.

    Args:
        lead: What was done, in a sentence.
        history: See `core.curves.pretraining_charts`.
        pictures: Heading, words and galleries (`captions` and `pictures`) of each section.
        warnings: What the reader should not miss, shown first.
        facts: Names and values: data, method, seed, versions.
    """
    return rendered(
        "pretrain.html",
        title="Pretraining",
        lead=lead,
        charts=pretraining_charts(history),
        pictures=pictures,
        warnings=warnings,
        facts=facts,
    )


def cluster_page(
    clusters: Sequence[Mapping[str, Any]],
    agreement: Agreement | None,
    warnings: Sequence[str],
    facts: Mapping[str, str],
) -> str:
    """Returns the page about the clusters of a scene.

    Args:
        clusters: See `core.clustering.findings.described`.
        agreement: With the classes of a reference, if there is one.
        warnings: What the reader should not miss, shown first.
        facts: Names and values: data, method, seed, versions.
    """
    return rendered(
        "clusters.html",
        title="Clusters",
        lead="What the image consists of, found without labels. What each cluster shows is for you to name.",
        clusters=clusters,
        bands=list(clusters[0]["means"]),
        agreement=agreement,
        warnings=warnings,
        facts=facts,
    )


def coregistration_page(
    found: Mapping[str, Any],
    moved: str,
    limit: float,
    checkerboards: tuple[str, str],
    arrows: str,
    facts: Mapping[str, str],
) -> str:
    """Returns the page about an image that was laid onto another one.

    Args:
        found: See `core.coregistration.job`.
        moved: How far, in words.
        limit: Chance from which on an image is not moved.
        checkerboards: Picture of both images before, and after, as data addresses.
        arrows: Picture of what each window says.
        facts: Names and values: images, method, versions.
    """
    return rendered(
        "coregistration.html",
        title="Co-registration",
        lead="How an image was moved so that it lies on its reference, and how sure that is.",
        found=found,
        moved=moved,
        limit=limit,
        before=checkerboards[0],
        after=checkerboards[1],
        arrows=arrows,
        warnings=(),
        facts=facts,
    )


def confusions(accuracy: Accuracy) -> list[str]:
    """Returns the most frequent confusions as sentences, by the share of the reference class that they cost."""
    found = []
    for i, row in enumerate(accuracy.matrix):
        entry = accuracy.classes[i]
        for j, pixels in enumerate(row):
            if i != j and entry.support and pixels / entry.support >= _LEAST_CONFUSION:
                found.append((pixels / entry.support, entry.name, accuracy.classes[j].name))
    found.sort(reverse=True)
    return [
        f"{100 * share:.0f} % of {name} in the reference is {other} in the map."
        for share, name, other in found[:_MOST_CONFUSIONS]
    ]


def _largest(areas: AreaEstimate | None) -> float:
    """The right end of the area bars."""
    ends = [entry.area.value + entry.area.margin for entry in areas.classes] if areas else []
    mapped = [entry.mapped for entry in areas.classes] if areas else []
    return max([end for end in [*ends, *mapped] if math.isfinite(end)], default=0.0) or 1.0


def rendered(template: str, **values: Any) -> str:
    """Returns a page made of one of the templates."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    largest = values.pop("largest", 1.0)
    environment.tests["nan"] = math.isnan
    environment.filters["hectares"] = _hectares
    environment.filters["place"] = lambda value: (
        f"{min(max(100 * value / largest, 0), 100) if value == value else 0:.2f}"
    )
    return environment.get_template(template).render(**values)


def _hectares(value: float) -> str:
    if math.isnan(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.1f}" if abs(value) >= 1 else f"{value:,.3f}"
