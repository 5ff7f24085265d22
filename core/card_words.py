"""What a card says, in words: what the checkpoint is, what it needs, how it scales its input.

Standard library only, and Python 3.9, since QGIS's own Python reads this file too.
"""

from __future__ import annotations

from typing import Sequence

from .cards import ANY_SENSOR, BY_POSITION, Card, Normalisation, SourceCard
from .sensors import MANY_BANDS, SENSORS, in_short

_ROLES = {"optical": "optical", "sar": "radar", "embedding": "embedding"}

_UNITS = {
    "dn": "reflectance × 10 000, without an offset",
    "db": "decibels (dB)",
    "raw": "values as they are stored",
}

_SEVERAL = ("", "", ", or both", ", or several of these")
"""What follows so many alternatives."""

_FORMULAS = {
    "z-score": "(x − μ) / σ, with the mean μ and the standard deviation σ of the images it was trained with",
    "2-sigma": "(x − (μ − 2σ)) / 4σ, with the mean μ and the standard deviation σ of the images it was trained with",
    "3-sigma": "(x − (μ − 3σ)) / 6σ, with the mean μ and the standard deviation σ of the images it was trained with",
    "constant": "(x − offset) / scale, with fixed numbers",
    "scene-2-sigma": "(x − (μ − 2σ)) / 4σ, with the mean μ and the standard deviation σ of a scene",
    "scene-z-score": "(x − μ) / σ, with the mean μ and the standard deviation σ of a scene",
    "scene-maximum": "(x − offset) / scale, with the scene's largest value as scale",
}


def headline(card: Card) -> str:
    """Returns what the checkpoint is, in a sentence."""
    images = _images(card.sources)
    size = next((f" at {source.gsd:g} m" for source in card.sources if source.gsd), "")
    if card.legend is None:
        return f"An encoder for {images}{size}: it turns them into features, and knows no classes yet."
    classes = "1 class" if len(card.legend) == 1 else f"{len(card.legend)} classes"
    what = f"whole patches of {images}" if card.classifies_scenes else images
    return f"A classifier of {what}{size} with {classes}: {', '.join(card.legend.names)}."


def needs(card: Card) -> str:
    """Returns what layers the checkpoint needs, in a sentence."""
    needed = [_layer(source) for source in card.sources if not source.optional]
    optional = [_layer(source) for source in card.sources if source.optional]
    if not needed:
        return f"It needs {_listed(optional, 'or')}{_SEVERAL[min(len(optional), 3)]}."
    also = f"; {_listed(optional, 'and')} can be added" if optional else ""
    return f"It needs {_listed(needed, 'and')}{also}."


def use(card: Card) -> str:
    """Returns what the checkpoint is for, in a sentence or two."""
    if card.classifies_scenes:
        return (
            "Choose it as the checkpoint of 'Classify patches of an image'. In 'Fine-tune a classifier' and "
            "'Fine-tune a patch classifier' its encoder is a start."
        )
    if card.legend is not None:
        return "Choose it as the checkpoint of 'Classify an image', or of 'Fine-tune a classifier' to train it further."
    return (
        "Choose it as the checkpoint to start from in 'Fine-tune a classifier': with your labels it becomes a "
        "classifier. 'Embed an image' writes its features as a raster."
    )


def role(source: SourceCard) -> str:
    """Returns the role as people say it."""
    return _ROLES.get(source.role, source.role)


def sensor(source: SourceCard) -> str:
    """Returns the sensor as people say it."""
    if source.sensor in SENSORS:
        return SENSORS[source.sensor].title
    return {
        ANY_SENSOR: f"any {role(source)} sensor whose bands are known",
        BY_POSITION: "any raster whose bands lie in this order in the file",
    }.get(source.sensor, "any raster with these bands")


def units(source: SourceCard) -> str:
    """Returns the units in which the model's normalisation is stated."""
    return _UNITS.get(source.units, source.units)


def normalisation(scaling: Normalisation) -> str:
    """Returns how values x become the network's input, in words."""
    words = _FORMULAS.get(scaling.method, f"(x − offset) / scale ({scaling.method})")
    if scaling.is_open:
        words += ", taken from the first scene that it is used on"
    elif scaling.method.startswith("scene-"):
        words += ", taken from the scene that it was first used on"
    if scaling.clip:
        words += f"; then cut off at {scaling.clip[0]:g} and {scaling.clip[1]:g}"
    return words


def meaning(sensor_id: str, band: str) -> str:
    """Returns what a band shows, such as 'red' or 'water vapour'; empty where its name says it, or nothing is known."""
    for known in SENSORS[sensor_id].bands if sensor_id in SENSORS else ():
        if known.name == band and known.wavelength:
            spelt = [alias for alias in known.aliases if len(alias) > 2 and "(" not in alias]
            return next((alias for alias in spelt if " " in alias), next(iter(spelt), ""))
    return ""


def wavelength(sensor_id: str, band: str) -> str:
    """Returns a band's centre wavelength in nanometres, with its unit; empty where there is none."""
    for known in SENSORS[sensor_id].bands if sensor_id in SENSORS else ():
        if known.name == band and known.wavelength:
            return f"{1000 * known.wavelength:.0f} nm"
    return ""


def _images(sources: Sequence[SourceCard]) -> str:
    """What is read, as 'Sentinel-2 L2A and Sentinel-1 RTC images' or 'AlphaEarth embeddings'."""
    images = [_kind(source) for source in sources if source.role != "embedding"]
    embeddings = [_kind(source) for source in sources if source.role == "embedding"]
    parts = [f"{_listed(images, 'and')} images"] if images else []
    return _listed([*parts, *embeddings], "and")


def _kind(source: SourceCard) -> str:
    if source.sensor in SENSORS:
        return SENSORS[source.sensor].title
    return "embeddings" if source.role == "embedding" else role(source)


def _layer(source: SourceCard) -> str:
    """A layer as the model needs it: any product of the sensor's family will do."""
    if source.sensor == ANY_SENSOR:
        return f"{_article(role(source))} layer of any sensor whose bands are known"
    if source.sensor == BY_POSITION:
        count = "1 band" if len(source.bands) == 1 else f"{len(source.bands)} bands"
        return f"{_article(role(source))} layer with {count}, taken in the order of the file"
    title = _kind(source).replace("embeddings", "embedding")
    if source.sensor.startswith("sentinel"):
        title = title.rsplit(" ", 1)[0]
    names = in_short(source.bands) if len(source.bands) > MANY_BANDS else ", ".join(source.bands)
    bands = f"the {'bands' if len(source.bands) > 1 else 'band'} {names}"
    if source.partial:
        bands = f"some or all of {bands}"
    return f"{_article(title)} layer with {bands}"


def _article(word: str) -> str:
    return f"{'an' if word[:1].lower() in 'aeiou' else 'a'} {word}"


def _listed(words: Sequence[str], last: str) -> str:
    unique = list(dict.fromkeys(words))
    return f" {last} ".join([", ".join(unique[:-1])] * bool(unique[:-1]) + unique[-1:])
