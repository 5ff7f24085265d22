"""The history of training runs: what is kept of them, however they end."""

import json
import os
import shlex
from pathlib import Path

import pytest
from qgis.core import QgsProject, QgsVectorFileWriter, QgsVectorLayer


@pytest.fixture
def call():
    from landsketch.bridge.history import Call

    return Call("landsketch:finetune", "Fine-tune a classifier", {"EPOCHS": 3}, "qgis_process run landsketch:finetune")


def spec(tmp_path, **changes):
    from landsketch.core.specs import FinetuneSpec, SourceSpec, VectorSpec

    labels = VectorSpec("labels.gpkg", field="class")
    values = {"mode": "decoder", "output": str(tmp_path / "m.safetensors")} | changes
    return FinetuneSpec((SourceSpec("optical", "s2.tif"),), labels, **values)


class Quiet:
    """A feedback that nobody reads."""

    def is_cancelled(self):
        return False

    progress = log = metric = artifact = lambda self, *values: None


class Talking:
    """Stands for the engine: tells, and then does what a test wants."""

    def __init__(self, then):
        self.then = then

    def run(self, spec, feedback):
        for epoch in (1, 2):
            values = {"epoch": epoch, "loss": 1 / epoch, "held_out_loss": 2 / epoch, "held_out_macro_f1": 0.4 * epoch}
            feedback.observe({"event": "metric", "values": values, "f1": {"Water": 0.5 * epoch}})
        feedback.observe({"event": "picture", "png": "iVBORw0="})
        return self.then(feedback)


def record(tmp_path, call, then):
    from landsketch.bridge import runs

    return runs.run_recorded(Talking(then), spec(tmp_path), Quiet(), call)


def test_a_run_is_kept_with_all_that_it_told(where, tmp_path, call):
    from landsketch.bridge import history

    result = {"checkpoint": "m", "report": "", "metrics": {"oa": 0.9}}
    assert record(tmp_path, call, lambda feedback: result) == result
    (run,) = history.read_runs(where)
    assert (run.job, run.ending, run.call, run.result) == ("finetune", history.FINISHED, call, result)
    assert run.spec["mode"] == "decoder"
    assert [measures.values["epoch"] for measures in run.metrics] == [1, 2]
    assert run.metrics[1].f1 == {"Water": 1.0}
    assert Path(run.picture).read_bytes().startswith(b"\x89PNG")
    assert run.id[:8].isdigit() and run.started[:4] == run.id[:4]


def test_failures_and_cancelling_are_kept_and_passed_on(where, tmp_path, call):
    from landsketch.bridge import history
    from landsketch.core.errors import Cancelled, LabelError

    def fail(error):
        def then(feedback):
            raise error

        return then

    for error in (LabelError("No labels.", "Draw some."), Cancelled(), ZeroDivisionError("oops")):
        with pytest.raises(type(error)):
            record(tmp_path, call, fail(error))
    found = {run.ending: run.message for run in history.read_runs(where)}
    assert set(found) == {history.FAILED, history.CANCELLED}
    messages = [run.message for run in history.read_runs(where) if run.ending == history.FAILED]
    assert sorted(messages) == ["No labels. Draw some.", "ZeroDivisionError: oops"]


def test_a_crash_leaves_a_readable_run(where, tmp_path, call):
    from landsketch.bridge import history

    record(tmp_path, call, lambda feedback: {})
    (name,) = [name for name in os.listdir(where) if name.endswith(".jsonl")]
    path = os.path.join(where, name)
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines[:2]) + "\n" + lines[2][:10])
    (run,) = history.read_runs(where)
    assert (run.ending, len(run.metrics)) == ("", 1)
    with open(path, "w", encoding="utf-8") as file:
        file.write(lines[0][:20])
    assert history.read_runs(where) == []


def test_only_the_latest_runs_are_kept(where, tmp_path, call, monkeypatch):
    from landsketch.bridge import history

    monkeypatch.setattr(history, "KEPT", 3)
    ids = iter(f"2026010{n}-120000-finetune-000000" for n in range(1, 6))
    monkeypatch.setattr(history, "new_id", lambda job: next(ids))
    for _ in range(5):
        record(tmp_path, call, lambda feedback: {})
    assert [run.id[:8] for run in history.read_runs(where)] == ["20260105", "20260104", "20260103"]
    assert len(os.listdir(where)) == 6, "pictures go with their runs"


def test_a_history_that_cannot_be_written_does_not_end_a_run(where, tmp_path, call):
    with open(where, "w", encoding="utf-8") as file:
        file.write("a file in the place of the folder")
    assert record(tmp_path, call, lambda feedback: {"checkpoint": "m"}) == {"checkpoint": "m"}


def test_a_run_can_be_ended_and_cancelled_from_elsewhere(where, tmp_path, call):
    from landsketch.bridge import history, runs

    told = []

    def listener(live, what):
        told.append(what)
        if what == runs.STARTED:
            assert runs.live_runs() == [live]
            live.finish()

    remove = runs.listen(listener)

    def then(feedback):
        assert feedback.wants_finish() and not feedback.is_cancelled()
        runs.live_runs()[0].cancel()
        assert feedback.is_cancelled()
        return {}

    record(tmp_path, call, then)
    remove()
    assert (told[0], told[-1]) == (runs.STARTED, runs.ENDED)
    assert runs.live_runs() == []
    assert history.read_runs(where)[0].ending == history.STOPPED
    count = len(told)
    record(tmp_path, call, lambda feedback: {})
    assert len(told) == count


def parsed(command):
    """Returns the algorithm and the parameters of a command, as `qgis_process` reads it."""
    program, verb, algorithm, *words = shlex.split(command)
    assert (program, verb) == ("qgis_process", "run")
    return algorithm, dict(word.removeprefix("--").split("=", 1) for word in words)


def test_the_command_of_a_run_does_the_same_again(
    qgis_processing, provider, recording_engine, scene, labels, tmp_path, where, project
):
    import processing
    from landsketch.bridge import history

    file = str(tmp_path / "labels.gpkg")
    options = QgsVectorFileWriter.SaveVectorOptions()
    QgsVectorFileWriter.writeAsVectorFormatV3(labels, file, project.transformContext(), options)
    layer = QgsVectorLayer(file, "Labels", "ogr")
    layer.setRenderer(labels.renderer().clone())
    QgsProject.instance().addMapLayer(layer)
    given = {"OPTICAL": scene["optical"], "LABELS": layer.id(), "MODE": 1, "EPOCHS": 7, "SPARE_IMAGES": False}
    processing.run("landsketch:finetune", {**given, "OUTPUT": str(tmp_path / "my model.safetensors")})
    (run,) = history.read_runs(where)
    assert run.call.note == ""
    algorithm, parameters = parsed(run.call.command)
    assert parameters["CLASS_FIELD"] == "kind", "a command does not see the style of the layer"
    QgsProject.instance().clear()
    processing.run(algorithm, parameters)
    first, again = recording_engine.specs
    assert (first.mode, first.epochs, again.epochs) == ("decoder", 7, 7)
    different = {"labels", "report"}
    one, other = ({k: v for k, v in s.to_json().items() if k not in different} for s in (first, again))
    assert one == other
    assert json.loads(json.dumps(run.call.parameters)) == run.call.parameters


def test_labels_without_a_file_are_said_to_keep_the_command_from_working(
    qgis_processing, provider, recording_engine, scene, labels, tmp_path, where
):
    import processing
    from landsketch.bridge import history

    processing.run(
        "landsketch:finetune",
        {"OPTICAL": scene["optical"], "LABELS": labels, "OUTPUT": str(tmp_path / "m.safetensors")},
    )
    (run,) = history.read_runs(where)
    assert run.call.command == ""
    assert "exist in QGIS alone" in run.call.note
    assert run.call.parameters["LABELS"] == labels.id()


def test_other_jobs_are_not_kept(qgis_processing, provider, recording_engine, build, scene, legend, tmp_path, where):
    import processing

    checkpoint = build.checkpoint(legend=legend)
    processing.run(
        "landsketch:classify",
        {"OPTICAL": scene["optical"], "CHECKPOINT": checkpoint, "OUTPUT": str(tmp_path / "map.tif")},
    )
    assert not os.path.exists(where)


def test_the_command_names_the_field_by_which_patches_are_styled(algorithm, labels, project, tmp_path):
    from landsketch.algorithms.commands import call_of

    file = str(tmp_path / "patches.gpkg")
    options = QgsVectorFileWriter.SaveVectorOptions()
    QgsVectorFileWriter.writeAsVectorFormatV3(labels, file, project.transformContext(), options)
    layer = QgsVectorLayer(file, "Patches", "ogr")
    layer.setRenderer(labels.renderer().clone())
    given = {"OPTICAL": "s2.tif", "PATCHES": layer, "SIDE": 16, "MULTILABEL": True}
    _, parameters = parsed(call_of(algorithm("finetunescenes"), given, project).command)
    assert parameters == {
        "OPTICAL": "s2.tif", "PATCHES": file, "SIDE": "16", "MULTILABEL": "true", "CLASS_FIELD": "kind"
    }  # fmt: skip
    parameters = call_of(algorithm("finetunescenes"), {**given, "PATCHES": file}, project).parameters
    assert parameters["PATCHES"] == file
