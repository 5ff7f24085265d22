"""What the checkpoint manager says of a checkpoint: its card, and where it is used."""

import hashlib
import json
from pathlib import Path

from checkpoint_parts import choose, put
from landsketch.core.cards import Card
from osgeo import gdal
from qgis.core import QgsProject, QgsRasterLayer

pytest_plugins = ["checkpoint_parts"]


def raster_layer(build, tmp_path, name, tags):
    """A raster of the project with tags as the engine writes them."""
    path = build.raster(f"{name}.tif", 1, dtype="uint8")
    dataset = gdal.Open(path, gdal.GA_Update)
    for key, value in tags.items():
        dataset.SetMetadataItem(key, value)
    dataset = None
    layer = QgsRasterLayer(path, name)
    assert layer.isValid()
    QgsProject.instance().addMapLayer(layer)


def made_with(path, digest="", **more):
    tags = {"LANDSKETCH_JOB": json.dumps({"job": "classify", "spec": {"checkpoint": path, **more}})}
    return {**tags, "LANDSKETCH_CHECKPOINT_SHA256": digest} if digest else tags


def digest_of(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def test_the_card_says_what_it_is_and_how_it_was_made(manager, folder, build, legend):
    provenance = {
        "method": "fine-tuned: frozen",
        "data": [{"role": "optical", "name": "s2.tif"}, {"role": "optical", "name": "s2.tif"}],
        "labels": [{"name": "Water", "features": 7, "pixels": 90}],
        "split": "every fifth feature is held out",
        "metrics": {"oa": 0.91234, "macro": {"f1": 0.88, "iou": 0.8}},
        "licence": "CC-BY-4.0 <mine>",
        "notes": ["Made in summer."],
    }
    path = put(folder, build, "fields.safetensors", provenance, legend=legend)
    dialog = manager()
    choose(dialog, path)
    text = dialog.card.toPlainText()
    for part in ("3 classes: Water, Forest, Town", "It needs", "CC-BY-4.0 <mine>", "Made in summer.", "Water 7"):
        assert part in text
    for part in ("fine-tuned: frozen", "every fifth feature", "overall accuracy 0.912, macro F1 0.880, mean IoU 0.800"):
        assert part in text
    assert text.count("s2.tif") == 1 and "Nowhere that LandSketch knows of" in text
    page = Path(dialog.card.write_page()).read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>") and "fields.safetensors" in page


def test_every_published_encoder_has_a_card_with_its_licence(manager):
    dialog = manager()
    for entry in dialog.table.checkpoints.entries:
        choose(dialog, entry.key)
        text = dialog.card.toPlainText()
        assert entry.licence in text and "It needs" in text
    dialog.table.choose("galileo-nano")
    assert "4.0 MB" in dialog.card.toPlainText() and "github.com" in dialog.card.toPlainText()


def test_it_says_which_rasters_were_made_with_a_checkpoint(manager, folder, build, legend, tmp_path):
    path = put(folder, build, "fields.safetensors", legend=legend)
    other = put(folder, build, "other.safetensors", legend=legend, roles=("sar",))
    raster_layer(build, tmp_path, "proven", made_with(path, digest_of(path)))
    raster_layer(build, tmp_path, "older", made_with(path, "0" * 64))
    raster_layer(build, tmp_path, "moved", made_with("/gone/fields.safetensors", digest_of(path)))
    raster_layer(build, tmp_path, "stranger", made_with("/gone/fields.safetensors", "1" * 64))
    raster_layer(build, tmp_path, "both", made_with(path, members=[other]))
    raster_layer(build, tmp_path, "weighted", made_with(path, members=[other], weights=[1.0, 0.0]))
    raster_layer(build, tmp_path, "plain", {"LANDSKETCH_JOB": "cut off {"})
    dialog = manager()
    choose(dialog, path)
    text = dialog.card.toPlainText()
    assert "Layer 'proven' was made with it." in text and "Layer 'moved' was made with it." in text
    assert "Layer 'older' was made with an earlier state of this file." in text
    assert "Layer 'both' was made with it, as a member of an ensemble of 2." in text
    assert "Layer 'weighted' was made with it." in text
    assert "stranger" not in text and "plain" not in text
    choose(dialog, other)
    text = dialog.card.toPlainText()
    assert "both" in text and "weighted" not in text and "proven" not in text


def test_it_says_what_descends_from_a_checkpoint(manager, folder, build, legend, choice):
    parent = put(folder, build, "parent.safetensors")
    put(folder, build, "child.safetensors", {"parent": "parent.safetensors and radar.safetensors"}, legend=legend)
    exported = {"parent": "parent.safetensors", "export": {"checkpoint": "child.safetensors"}}
    put(folder, build, "copy.safetensors", exported, legend=legend)
    put(folder, build, "nano.safetensors", {"method": "imported", "encoder": "galileo-nano"})
    choice[0] = parent
    dialog = manager()
    choose(dialog, parent)
    uses = dialog.uses(dialog.table.current())
    assert uses == ["It is chosen in the dock.", "'child.safetensors' was made from a checkpoint of this name."]
    choose(dialog, folder / "child.safetensors")
    assert "'copy.safetensors' was exported from a checkpoint of this name." in dialog.card.toPlainText()
    choose(dialog, "galileo-nano")
    assert "Imported as 'nano.safetensors'." in dialog.card.toPlainText()
    choice[0] = ""
    (bundled,) = [entry for entry in dialog.table.checkpoints.entries if entry.state == "bundled"]
    assert "default encoder" in dialog.uses(bundled)[0]


def test_a_card_of_another_kind_is_named_rightly(build, legend):
    from landsketch.ui.checkpoints.entries import Entry, kind, sensors

    card = build.card_of(legend=legend)
    clusters = build.replace(card, provenance={"method": "clustered: k-means on frozen features"})
    assert kind(Entry("a.safetensors", "local", "a.safetensors", card=clusters)) == "clusters"
    assert kind(Entry("a.onnx", "local", "a.onnx", card=card)) == "classifier (ONNX)"
    assert kind(Entry("a.pth", "unreadable", "a.pth")) == ""
    dated = build.replace(card.sources[0], dates=("2020-05-14", "2020-06-01"))
    series = Card({}, (dated, build.replace(dated, sensor="any", bands=(), dates=())), 64, 0)
    assert sensors(Entry("a", "local", "a", card=series)) == "S2 L2A (10 × 2), any optical sensor"
