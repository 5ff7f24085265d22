"""Ensembles: the map is the mean of what checkpoints of any make say, each reading what it wants of the scene."""

import errno
import json
import os
import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
import rasterio
from helpers import S2_12, squares, two_class_s2, write_features, write_raster
from landsketch.core import jobs
from landsketch.core.cards import BY_POSITION, METADATA_KEY, Card, Normalisation, SourceCard
from landsketch.core.ensembles import Member, check_member_roles, ensemble_card
from landsketch.core.errors import CheckpointError, LandSketchError, OutputError, SpecError
from landsketch.core.fingerprints import Fingerprints
from landsketch.core.jobs import run_job
from landsketch.core.legend import ClassLegend, LegendClass
from landsketch.core.mapping import classification, parts
from landsketch.core.progress import Reporter
from landsketch.core.runtimes.ensemble import Averaging, EnsembleModel, Part, View
from landsketch.core.runtimes.model import MIXED, Candidate, Place
from landsketch.core.runtimes.runtime import FULL
from landsketch.core.specs import ClassifySpec, SourceSpec
from tiny_network import blobs, expected_steps, write_tiny_network

VISIBLE, REDDER = ("B04", "B03", "B02"), ("B8A", "B04", "B11", "B12")


def spec_of(raster, folder, *checkpoints, **changes):
    sources = [{"role": "optical", "path": raster, "sensor": "sentinel-2-l2a", "offset": 0.0}]
    paths = {"output": str(folder / "map.tif"), "probabilities": str(folder / "p.tif")}
    return {"checkpoint": checkpoints[0], "members": checkpoints[1:], "sources": sources, **paths} | changes


def classify(spec):
    """Returns the classes (y, x), the probabilities (class, y, x) from 0 to 250, and what was said."""
    lines = []
    run_job("classify", spec, Reporter(lambda event: event["event"] == "log" and lines.append(event["message"])))
    with rasterio.open(spec["output"]) as classes, rasterio.open(spec["probabilities"]) as probabilities:
        return classes.read(1), probabilities.read().astype(float), lines


@pytest.fixture
def image():
    """Bands that differ, so that it matters which ones a network is given."""
    tilt = np.linspace(0.6, 1.4, 12)[:, None, None]
    return (blobs(150, 130) * tilt).astype(np.uint16)


@pytest.fixture
def raster(image, tmp_path):
    return write_raster(tmp_path / "s2.tif", image, names=S2_12)


def with_legend(path, legend):
    """Gives an ONNX network another legend."""
    model = onnx.load(path)
    values = {entry.key: entry.value for entry in model.metadata_props}
    card = json.loads(values[METADATA_KEY]) | {"legend": legend.to_json()}
    onnx.helper.set_model_props(model, values | {METADATA_KEY: json.dumps(card)})
    onnx.save(model, path)
    return path


# --- The map ----------------------------------------------------------------------------------------------------------


def test_an_ensemble_of_the_same_network_gives_its_map_and_probabilities(raster, tmp_path):
    first = write_tiny_network(tmp_path / "a.onnx")
    copies = [shutil.copy(first, tmp_path / name) for name in ("b.onnx", "c.onnx")]
    alone = classify(spec_of(raster, tmp_path, first))
    together = classify(spec_of(raster, tmp_path, first, *map(str, copies), weights=[1, 0.5, 7]))
    assert np.array_equal(alone[0], together[0])
    assert np.array_equal(alone[1], together[1])


@pytest.mark.parametrize("weights", [(), (3.0, 1.0)])
def test_probabilities_are_the_weighted_mean_of_members_with_other_bands_and_halos(image, raster, tmp_path, weights):
    first = write_tiny_network(tmp_path / "a.onnx", bands=VISIBLE, halo=4, tile=64)
    second = write_tiny_network(tmp_path / "b.onnx", bands=REDDER, halo=12, tile=48)
    classes, probabilities, _ = classify(spec_of(raster, tmp_path, first, second, weights=weights))
    own = [expected_steps(image[[S2_12.index(band) for band in bands]].astype(float)) for bands in (VISIBLE, REDDER)]
    assert abs(own[0] - own[1]).max() > 0.5, "the members agree, so their mean shows nothing"
    mean = np.average(own, axis=0, weights=weights or None)
    assert abs(probabilities - 250 * mean).max() <= 1
    least, most = np.sort(mean, axis=0)[-2:]
    sure = most - least > 0.01
    assert np.array_equal(classes[sure], mean.argmax(axis=0)[sure] + 1)


def test_a_weight_of_zero_leaves_the_map_of_the_other_exactly(raster, tmp_path):
    first = write_tiny_network(tmp_path / "a.onnx", halo=8)
    second = write_tiny_network(tmp_path / "b.onnx", bands=VISIBLE, halo=24, tile=32)
    alone = classify(spec_of(raster, tmp_path, first))
    together = classify(spec_of(raster, tmp_path, first, second, weights=[1, 0]))
    assert np.array_equal(alone[0], together[0])
    assert np.array_equal(alone[1], together[1])


def test_the_map_does_not_depend_on_the_tiles(raster, tmp_path):
    first = write_tiny_network(tmp_path / "a.onnx", bands=VISIBLE)
    second = write_tiny_network(tmp_path / "b.onnx", bands=REDDER)
    maps = [classify(spec_of(raster, tmp_path, first, second, tile=tile)) for tile in (0, 16, 40)]
    for classes, probabilities, _ in maps[1:]:
        assert abs(probabilities - maps[0][1]).max() <= 1
        assert (classes == maps[0][0]).mean() > 0.999


def test_classes_in_another_order_are_the_same_classes(raster, tmp_path):
    first = write_tiny_network(tmp_path / "a.onnx")
    second = shutil.copy(first, str(tmp_path / "b.onnx"))
    names = ClassLegend.from_names(("dark", "middle", "bright")).classes
    turned = ClassLegend(tuple(reversed(names)))
    alone = classify(spec_of(raster, tmp_path, first))[1]
    mixed = classify(spec_of(raster, tmp_path, first, with_legend(second, turned)))[1]
    assert abs(mixed - (alone + alone[::-1]) / 2).max() <= 1  # its first output is the last class


# --- Networks of all kinds --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """An optical and a radar image of two classes, which contradict each other in the middle rows, and labels."""
    folder = tmp_path_factory.mktemp("scene")
    radar = np.full((2, 96, 96), -18.0, np.float32)
    radar[:, :, 48:] = -6
    radar[:, 36:60] = radar[:, 36:60, ::-1]
    radar += np.random.default_rng(0).normal(0, 1.5, radar.shape).astype(np.float32)
    return SimpleNamespace(
        optical=write_raster(folder / "s2_l2a.tif", two_class_s2(), names=S2_12),
        sar=write_raster(folder / "s1_rtc.tif", radar, names=("VV", "VH")),
        labels=write_features(folder / "labels.gpkg", *squares()),
    )


@pytest.fixture(scope="module")
def trained(scene, tmp_path_factory):
    """A checkpoint for each sensor, and the optical one in ONNX."""
    folder = tmp_path_factory.mktemp("trained")
    labels = {"path": scene.labels, "field": "class"}
    found = {}
    for role in ("optical", "sar"):
        found[role] = str(folder / f"{role}.safetensors")
        sources = [{"role": role, "path": getattr(scene, role)}]
        run_job("finetune", {"sources": sources, "labels": labels, "output": found[role]}, Reporter())
    found["onnx"] = str(folder / "optical.onnx")
    run_job("exportonnx", {"checkpoint": found["optical"], "output": found["onnx"]}, Reporter())
    return found


def both(scene, folder, *checkpoints, roles=("optical", "sar"), **changes):
    sources = [{"role": role, "path": getattr(scene, role)} for role in roles]
    return spec_of("", folder, *checkpoints, sources=sources, device="cpu", **changes)


@pytest.mark.parametrize(("optical", "runtime"), [("optical", "PyTorch"), ("onnx", "A mix of runtimes")])
def test_members_of_different_sensors_and_makes_share_a_scene(scene, trained, tmp_path, optical, runtime):
    singles = [
        classify(both(scene, tmp_path, trained[role], roles=(role,)))[1].astype(float) for role in ("optical", "sar")
    ]
    _, together, lines = classify(both(scene, tmp_path, trained[optical], trained["sar"]))
    assert abs(singles[0] - singles[1]).max() > 100
    # Tiles differ between the three runs, as their halos do.
    apart = abs(together - np.mean(singles, axis=0))
    assert apart.mean() < 0.6
    assert np.quantile(apart, 0.999) <= 4
    assert f"{runtime} in fp32 classifies." in lines
    with rasterio.open(tmp_path / "map.tif") as dataset:
        tags = dataset.tags()
    names = [os.path.basename(path) for path in (trained[optical], trained["sar"])]
    assert tags["LANDSKETCH_CHECKPOINT"] == ", ".join(names)
    assert len(tags["LANDSKETCH_CHECKPOINT_SHA256"].split(", ")) == 2


def test_what_a_scene_lacks_is_named_with_the_member_that_needs_it(scene, trained, tmp_path):
    with pytest.raises(CheckpointError, match=r"sar\.safetensors' needs a SAR layer"):
        classify(both(scene, tmp_path, trained["optical"], trained["sar"], roles=("optical",)))
    with pytest.raises(CheckpointError, match=r"optical\.safetensors \+ optical\.onnx' does not use a SAR layer"):
        classify(both(scene, tmp_path, trained["optical"], trained["onnx"]))


# --- What cannot work -------------------------------------------------------------------------------------------------


def test_different_classes_are_refused_by_name(raster, tmp_path):
    first = write_tiny_network(tmp_path / "a.onnx")
    colour = "#000000"
    other = ClassLegend((LegendClass(1, "dark", colour), LegendClass(2, "grey", colour), LegendClass(4, "x", colour)))
    second = with_legend(shutil.copy(first, str(tmp_path / "b.onnx")), other)
    words = r"2 is 'middle' in '.*a\.onnx' and 'grey' in '.*b\.onnx'; 3 \(bright\) is only in '.*a\.onnx'; 4 \(x\) is"
    with pytest.raises(CheckpointError, match=words):
        classify(spec_of(raster, tmp_path, first, second))
    assert not (tmp_path / "map.tif").exists()


def source(role="optical", bands=("B02", "B03"), **changes):
    scaling = Normalisation("constant", (0.0,) * len(bands), (1.0,) * len(bands))
    return replace(SourceCard(role, "sentinel-2-l2a", bands, "dn", 10.0, scaling), **changes)


def member(name, *sources, **changes):
    legend = ClassLegend.from_names(("a", "b"))
    return Member(name, replace(Card({}, sources or (source(),), 64, 8, legend), **changes))


def test_a_layer_is_read_in_one_way():
    stored = member("foreign.onnx", source(sensor=BY_POSITION))
    with pytest.raises(CheckpointError, match=r"'foreign\.onnx' takes the bands .* by their position.*'m' by their n"):
        ensemble_card([member("m"), stored])
    with pytest.raises(CheckpointError, match=r"pixels are 8 and 4 times as large"):
        ensemble_card([member("a", source("series", step=8)), member("b", source("series", step=4))])
    with pytest.raises(CheckpointError, match=r"'encoder' has no classes"):
        ensemble_card([member("m"), member("encoder", legend=None)])


def test_the_card_of_an_ensemble_names_its_members_and_needs_what_they_need():
    members = [
        member("x/a.safetensors", source(), source("sar", ("VV",), optional=True), halo=8, tile=128),
        member("x/b.onnx", source(bands=("B03", "B08"), optional=True, margin=2), halo=32, tile=64),
    ]
    card = ensemble_card(members)
    assert card.architecture == {"name": "ensemble", "members": ["a.safetensors", "b.onnx"]}
    assert (card.tile, card.halo) == (64, 32)
    optical, sar = card.sources
    assert (optical.bands, optical.optional, optical.margin) == (("B02", "B03", "B08"), False, 2)
    assert (sar.bands, sar.optional) == (("VV",), True)
    check_member_roles(members, ["optical"])
    with pytest.raises(CheckpointError, match=r"a\.safetensors' needs an optical layer"):
        check_member_roles(members, ["sar"])


class FakeModel:
    """A classifier with a geometry, and candidates by name and precision."""

    def __init__(self, name="m", candidates=("torch fp32",), device="cpu", **geometry):
        self.card = member(name).card
        self.members = (Member(name, self.card),)
        self.alignment, self.ramp, self.window_side = 1, 4, 0
        self.fastest = {}
        self._device = device
        self._candidates = [Candidate(*words.split(), lambda: None) for words in candidates]
        vars(self).update(geometry)

    def bind(self, sources):
        self.bound = sources

    def place(self, wanted):
        return Place(self._device, f"Runs on {self._device}.", ("Mind this.",))

    def candidates(self, device, cores, check):
        assert device == self._device
        return self._candidates


def test_an_ensemble_takes_windows_that_fit_all_members():
    together = EnsembleModel([(FakeModel(alignment=32, ramp=16), 1.0), (FakeModel("n", alignment=56), 1.0)])
    assert (together.alignment, together.ramp, together.card.halo, together.window_side) == (224, 16, 224, 0)
    fixed = EnsembleModel([(FakeModel(alignment=16), 1.0), (FakeModel("n", window_side=96), 1.0)])
    assert (fixed.card.halo, fixed.window_side) == (16, 96)
    with pytest.raises(CheckpointError, match=r"no size of tiles in common.*'m' 224, 'n' 256"):
        EnsembleModel([(FakeModel(alignment=224), 1.0), (FakeModel("n", alignment=256), 1.0)])
    for geometry in ({"window_side": 128}, {"alignment": 48}):
        with pytest.raises(CheckpointError, match="'n' only takes windows of 96 pixels"):
            EnsembleModel([(FakeModel(**geometry), 1.0), (FakeModel("n", window_side=96), 1.0)])


def test_runtimes_are_those_that_all_members_have_and_each_one_s_own_first():
    cpu = ("torch fp32", "torch bf16", "openvino bf16")
    models = [FakeModel("a", cpu), FakeModel("b", ("torch fp32", "openvino bf16", "onnxruntime fp32"))]
    together = EnsembleModel([(model, 1.0) for model in models])
    place = together.place("auto")
    assert place == Place("cpu", "Runs on cpu.", ("Mind this.",))
    found = [(one.name, one.precision) for one in together.candidates(place.device, 2, lambda: None)]
    assert found == [("torch", "fp32"), ("openvino", "bf16")]
    mixed = EnsembleModel([(models[0], 1.0), (FakeModel("c", ("onnxruntime fp32",), device="cuda:0"), 1.0)])
    place = mixed.place("auto")
    assert (place.kind, place.words) == ("cuda", "'a': Runs on cpu. 'c': Runs on cuda:0.")
    assert [(one.name, one.precision) for one in mixed.candidates(place.device, 2, lambda: None)] == [(MIXED, "fp32")]


# --- What members are given -------------------------------------------------------------------------------------------


def test_a_member_takes_its_bands_of_every_date_without_the_others_margin():
    read = source("series", ("B02", "B03", "B04"), dates=("2020-01-01", "2020-02-01"), margin=3)
    own = source("series", ("B04", "B02"), dates=read.dates, margin=1)
    images = np.random.default_rng(0).random((2, 6, 10, 10), dtype=np.float32)
    taken = View.of(own, read).taken({"series": images})
    assert np.array_equal(taken, images[:, [2, 0, 5, 3], 2:-2, 2:-2])
    assert taken.flags.c_contiguous
    assert View.of(read, read).taken({"series": images}) is images


def test_members_are_bound_to_the_dates_of_the_scene_and_bands_by_position():
    models = [FakeModel("a"), FakeModel("b")]
    for model, bands in zip(models, (("1", "2", "3"), ("1", "2")), strict=True):
        model.card = replace(model.card, sources=(source(bands=bands, sensor=BY_POSITION),))
    together = EnsembleModel([(model, 1.0) for model in models])
    together.fastest["here"] = ("torch", "fp32")
    (read,) = together.card.sources
    together.bind([replace(read, bands=("x", "y", "z"), dates=("2024-05-01",))])
    assert [model.bound[0].bands for model in models] == [("x", "y", "z"), ("x", "y")]
    assert models[1].bound[0].dates == ("2024-05-01",)
    assert together.fastest == {}, "with other dates, another runtime may be the fastest"


def test_a_mean_of_the_same_steps_is_these_steps():
    steps = np.random.default_rng(0).integers(0, FULL + 1, (1, 3, 20, 20)).astype(np.int16)
    runtime = SimpleNamespace(lanes=2, steps=lambda images, crop: steps)
    whole = sum(weights := (0.3, 5.0, 1 / 7))
    mean = Averaging("torch", "fp32", [Part(runtime, (), (0, 1, 2), weight / whole) for weight in weights])
    assert np.array_equal(mean.steps({}, 0), steps)
    assert (mean.lanes, mean.steps({}, 0).dtype) == (2, np.int16)


# --- Changed members --------------------------------------------------------------------------------------------------


def test_a_changed_member_is_read_again_and_an_unchanged_one_stays_warm(raster, tmp_path, monkeypatch):
    read, from_file = [], jobs._read_model
    monkeypatch.setattr(jobs, "_read_model", lambda path, reporter: read.append(path) or from_file(path, reporter))
    first = write_tiny_network(tmp_path / "a.onnx")
    second = write_tiny_network(tmp_path / "b.onnx", bands=VISIBLE)
    spec = spec_of(raster, tmp_path, first, second)
    before = classify(spec)[1]
    classify(spec)
    assert read == [first, second]
    write_tiny_network(second, bands=REDDER, halo=10)
    assert abs(classify(spec)[1] - before).max() > 20
    assert read == [first, second] * 2


def test_a_run_goes_on_with_the_same_members_only(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "PART_PIXELS", 1 << 16)
    monkeypatch.setattr(classification, "KEEP_SECONDS", 0.0)
    raster = write_raster(tmp_path / "s2.tif", blobs(600, 300), names=S2_12)
    first = write_tiny_network(tmp_path / "a.onnx")
    second = write_tiny_network(tmp_path / "b.onnx", bands=VISIBLE)
    spec = spec_of(raster, tmp_path, first, second, tile=32)

    def stop_after_a_part():
        with monkeypatch.context() as patch:
            finish, finished = parts.PartWriter.finish, []

            def failing(self):
                if finished:
                    raise OSError(errno.ENOSPC, "No space left on device")
                finished.append(finish(self))

            patch.setattr(parts.PartWriter, "finish", failing)
            with pytest.raises(OutputError):
                classify(spec)

    stop_after_a_part()
    assert any("Going on" in line for line in classify(spec)[2])
    stop_after_a_part()
    write_tiny_network(second, bands=REDDER, halo=10)
    assert not any("Going on" in line for line in classify(spec)[2])


def test_the_fingerprint_changes_with_members_and_weights_that_count(tmp_path):
    files = [tmp_path / name for name in ("a", "b", "s2.tif")]
    for file in files:
        file.write_bytes(b"content")
    a, b, image = map(str, files)
    spec = ClassifySpec(a, (SourceSpec("optical", image),), str(tmp_path / "map.tif"), members=(b,))
    before = Fingerprints().of(spec)
    assert Fingerprints().of(replace(spec, weights=(1.0, 2.0))) != before
    left_out = replace(spec, weights=(1.0, 0.0))
    without = Fingerprints().of(left_out)
    files[1].write_bytes(b"other content")
    assert Fingerprints().of(spec) != before
    assert Fingerprints().of(left_out) == without


# --- The spec ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"weights": [1]}, "1 weights were given for 2 checkpoints"),
        ({"weights": [1, -1]}, r"weights is \[1.*, -1.*\].*0 or more"),
        ({"weights": [0, 0]}, "not all of them 0"),
        ({"weights": [1, float("nan")]}, "0 or more"),
        ({"members": ["b", "a"]}, "'a' was given twice"),
        ({"members": [""]}, "'checkpoint' is missing"),
    ],
)
def test_contradictions_in_the_spec_are_named(tmp_path, changes, words):
    with pytest.raises(SpecError, match=words):
        ClassifySpec.from_json(spec_of("s2.tif", tmp_path, "a", "b") | changes)


def test_a_batch_is_made_with_one_ensemble_and_names_its_members(raster, tmp_path):
    first = write_tiny_network(tmp_path / "a.onnx")
    second = write_tiny_network(tmp_path / "b.onnx", bands=VISIBLE)
    (tmp_path / "maps").mkdir()
    job = spec_of(raster, tmp_path / "maps", first, second)
    manifest = str(tmp_path / "maps" / "batch.json")
    run_job("classifybatch", {"jobs": [job], "manifest": manifest}, Reporter())
    with open(manifest, encoding="utf-8") as file:
        values = json.load(file)
    assert values["checkpoint"]["name"] == "a.onnx"
    assert [one["name"] for one in values["members"]] == ["b.onnx"]
    other = job | {"output": str(tmp_path / "maps" / "other.tif"), "probabilities": "", "weights": [1, 2]}
    with pytest.raises(LandSketchError, match=r"a\.onnx, .*b\.onnx, not all of them the same"):
        run_job("classifybatch", {"jobs": [job, other], "manifest": manifest}, Reporter())
    with pytest.raises(SpecError, match="is an input too"):
        run_job("classifybatch", {"jobs": [job | {"output": second}], "manifest": manifest}, Reporter())
