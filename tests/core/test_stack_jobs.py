"""Fine-tuning, classifying and assessing on time stacks."""

import threading

import numpy as np
import pytest
import rasterio
from helpers import S2_12, SHARED, squares, two_class_s2, write_features, write_raster
from landsketch.core.card_files import read_card
from landsketch.core.errors import Cancelled, CheckpointError
from landsketch.core.jobs import run_job
from landsketch.core.mapping.parts import fingerprint
from landsketch.core.progress import Reporter
from landsketch.core.specs import ClassifySpec
from stacks import image_item, write_stack

SIDE = 64


class Notes(Reporter):
    """Keeps warnings."""

    def __init__(self):
        super().__init__()
        self.warnings = []

    def warn(self, text):
        self.warnings.append(text)


def seasons(tmp_path, days, name="stack.json"):
    """A stack whose halves differ on every date; each date has a cloud of its own."""
    items = []
    for number, day in enumerate(days):
        image = two_class_s2(SIDE, seed=number)
        clouds = np.zeros((1, SIDE, SIDE), np.uint8)
        clouds[0, 8 * number : 8 * number + 12] = 1
        path = write_raster(tmp_path / f"{name}_{day}.tif", image, names=S2_12)
        mask = write_raster(tmp_path / f"{name}_{day}_cloud.tif", clouds)
        items.append(image_item(day, path, S2_12, mask=(mask, 1, "mask")))
    return write_stack(tmp_path / name, items)


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """A folder with a stack of three dates, labels, and a checkpoint that was fitted on them."""
    folder = tmp_path_factory.mktemp("fitted")
    stack = seasons(folder, ("2020-04-01", "2020-06-01", "2020-08-01"))
    labels = write_features(folder / "labels.gpkg", *squares(SIDE))
    spec = {"sources": [{"role": "optical", "path": stack}], "labels": {"path": labels, "field": "class"}}
    run_job("finetune", {**spec, "output": str(folder / "m.safetensors")}, Reporter())
    return folder


def classified(folder, source, output, reporter=None):
    spec = {"checkpoint": str(folder / "m.safetensors"), "sources": [source], "output": str(output)}
    run_job("classify", spec, reporter or Reporter())
    with rasterio.open(output) as dataset:
        return dataset.read(1)


def halves():
    expected = np.ones((SIDE, SIDE), np.uint8)
    expected[:, SIDE // 2 :] = 2
    return expected


def agreement(found, rows=slice(None)):
    """Share of right pixels; those near the border of the halves may be of either."""
    away = np.abs(np.arange(SIDE) - (SIDE - 1) / 2) > 8
    return (found == halves())[rows][:, away].mean()


def test_a_stack_trains_and_maps_through_its_clouds(fitted, tmp_path):
    assert read_card(str(fitted / "m.safetensors")).sources[0].dates == ("2020-04-01", "2020-06-01", "2020-08-01")
    found = classified(fitted, {"role": "optical", "path": str(fitted / "stack.json")}, tmp_path / "map.tif")
    assert agreement(found) > 0.95
    assert (found > 0).all(), "every pixel is seen on some date"
    spec = {"map": str(tmp_path / "map.tif"), "reference": write_raster(tmp_path / "truth.tif", halves()[None])}
    assert run_job("assess", spec, Reporter())["metrics"]["oa"] > 0.85


def test_another_year_with_other_dates_is_mapped(fitted, tmp_path):
    stack = seasons(tmp_path, ("2021-05-03", "2021-07-10"))
    found = classified(fitted, {"role": "optical", "path": stack}, tmp_path / "map.tif")
    hidden_on_both = np.zeros(SIDE, bool)
    hidden_on_both[8:12] = True
    assert (found[hidden_on_both] == 0).all()
    assert (found[~hidden_on_both] > 0).all()
    assert agreement(found, ~hidden_on_both) > 0.95


def test_checkpoints_of_different_years_map_a_third_one_together(fitted, tmp_path):
    labels = {"path": str(fitted / "labels.gpkg"), "field": "class"}
    other = {"role": "optical", "path": seasons(tmp_path, ("2019-03-01", "2019-07-01"), "other.json")}
    first, second = str(fitted / "m.safetensors"), str(tmp_path / "other.safetensors")
    run_job("finetune", {"sources": [other], "labels": labels, "output": second}, Reporter())
    stack = seasons(tmp_path, ("2021-05-03", "2021-06-01", "2021-07-10", "2021-09-01"))

    def probabilities(checkpoint, *members):
        paths = {"output": str(tmp_path / "map.tif"), "probabilities": str(tmp_path / "p.tif")}
        sources = [{"role": "optical", "path": stack}]
        run_job("classify", {"checkpoint": checkpoint, "members": members, "sources": sources, **paths}, Reporter())
        with rasterio.open(paths["probabilities"]) as dataset:
            return dataset.read().astype(float)

    singles = [probabilities(first), probabilities(second)]
    assert abs(singles[0] - singles[1]).max() > 10
    assert abs(probabilities(first, second) - np.mean(singles, axis=0)).max() <= 1


def test_a_single_image_is_refused(fitted, tmp_path):
    image = write_raster(tmp_path / "s2.tif", two_class_s2(SIDE), names=S2_12)
    with pytest.raises(CheckpointError, match=r"made for time stacks; 's2\.tif' is a single image"):
        classified(fitted, {"role": "optical", "path": image}, tmp_path / "map.tif")


def test_a_map_goes_on_only_while_no_image_of_the_stack_has_changed(fitted, tmp_path):
    stack = seasons(tmp_path, ("2021-05-03", "2021-07-10"))
    job = {"checkpoint": str(fitted / "m.safetensors"), "sources": [{"role": "optical", "path": stack}]}
    spec = ClassifySpec.from_json({**job, "output": str(tmp_path / "map.tif")})
    before = fingerprint(spec)
    assert fingerprint(spec) == before
    with rasterio.open(tmp_path / "stack.json_2021-07-10.tif", "r+") as dataset:
        dataset.write(np.full((SIDE, SIDE), 700, np.uint16), 1)
    assert fingerprint(spec) != before


@pytest.mark.skipif(not SHARED.exists(), reason="the real scenes are not at hand")
@pytest.mark.slow
def test_a_real_series_trains_and_maps(tmp_path):
    folder = SHARED / "sits_s2_lulc_slovenia"
    names = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12")
    items = []
    for day in ("2015-07-11", "2015-07-31", "2015-08-20", "2015-08-30", "2015-09-09"):
        mask = (str(folder / f"CLOUD_{day}.tif"), 1, "mask")
        items.append(image_item(day, str(folder / f"S2L1C_{day}.tif"), names, sensor="sentinel-2-l1c", mask=mask))
    source = {"role": "optical", "path": write_stack(tmp_path / "stack.json", items)}
    labels = {"path": str(folder / "task" / "train_polys.gpkg"), "field": "class"}
    notes = Notes()
    output = str(tmp_path / "m.safetensors")
    run_job("finetune", {"sources": [source], "labels": labels, "output": output}, notes)
    assert sum("is hidden by its mask as a whole" in note for note in notes.warnings) == 2
    found = classified(tmp_path, source, tmp_path / "map.tif")
    with (
        rasterio.open(folder / "task" / "labels.tif") as reference,
        rasterio.open(folder / "task" / "split.tif") as split,
    ):
        truth, held_out = reference.read(1), (split.read(1) == 2)
    compared = held_out & (truth > 0)
    assert (found[compared] == truth[compared]).mean() > 0.5


@pytest.mark.parametrize("module", ["finetuning", "mapping.setting"])
def test_opening_a_long_series_can_be_cancelled(fitted, tmp_path, monkeypatch, module):
    """Each date of a series is looked at when it is opened; who cancels does not wait for the last one."""
    opens, closes = threading.Event(), threading.Event()

    def slow(*_):
        opens.set()
        closes.wait(30)
        raise AssertionError("was waited for")

    monkeypatch.setattr(f"landsketch.core.{module}.open_scene", slow)
    source = {"role": "optical", "path": str(fitted / "stack.json")}
    labels = {"path": str(fitted / "labels.gpkg"), "field": "class"}
    job, more = {
        "finetuning": ("finetune", {"labels": labels}),
        "mapping.setting": ("classify", {"checkpoint": str(fitted / "m.safetensors")}),
    }[module]
    reporter = Reporter()
    threading.Thread(target=lambda: opens.wait(30) and reporter.cancel()).start()
    with pytest.raises(Cancelled):
        run_job(job, {"sources": [source], "output": str(tmp_path / "new"), **more}, reporter)
    closes.set()
    assert list(tmp_path.iterdir()) == []
