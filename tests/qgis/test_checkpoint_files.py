"""What the checkpoint manager does with files: copies them, lists them, takes them away."""

import os
import threading
from pathlib import Path

import pytest
from checkpoint_parts import choose, names, press, put, wait

pytest_plugins = ["checkpoint_parts"]


def test_a_checkpoint_is_copied_into_the_folder_and_nothing_overwritten(manager, folder, build, legend):
    before = put(folder, build, "fields.safetensors")
    content = Path(before).read_bytes()
    source = build.checkpoint("fields.safetensors", legend=legend)
    dialog = manager()
    dialog.importing.copied.emit(source)
    wait(lambda: "fields-2.safetensors" in names(dialog))
    assert Path(before).read_bytes() == content
    assert (folder / "fields-2.safetensors").read_bytes() == Path(source).read_bytes()
    assert Path(source).exists() and dialog.table.current().name == "fields-2.safetensors"
    assert sorted(os.listdir(folder)) == ["fields-2.safetensors", "fields.safetensors"]


def test_what_is_no_checkpoint_is_not_copied(manager, folder, tmp_path):
    (tmp_path / "photo.safetensors").write_bytes(b"not weights")
    dialog = manager()
    dialog.importing.copied.emit(str(tmp_path / "photo.safetensors"))
    wait(lambda: not dialog.work.busy)
    assert "is not a checkpoint" in dialog.work.message.text()
    assert os.listdir(folder) == []


def test_a_file_can_be_listed_where_it_is(manager, folder, build, monkeypatch):
    path = build.checkpoint("elsewhere.safetensors")
    dialog = manager()
    dialog.importing.listed.emit(path)
    wait(lambda: "elsewhere.safetensors" in names(dialog, "local"))
    assert dialog.table.current().name == "elsewhere.safetensors"
    os.remove(path)
    dialog.watch.refresh()
    wait(lambda: "elsewhere.safetensors" in names(dialog, "missing"))
    asked = []
    monkeypatch.setattr(dialog, "agreed", lambda text: asked.append(text) or True)
    choose(dialog, path)
    press(dialog, "remove")
    wait(lambda: "elsewhere.safetensors" not in names(dialog))
    assert len(asked) == 1 and "off this list" in asked[0]


def test_taking_a_listed_file_off_the_list_leaves_the_file(manager, folder, build, monkeypatch):
    path = build.checkpoint("elsewhere.safetensors")
    dialog = manager()
    dialog.importing.listed.emit(path)
    wait(lambda: "elsewhere.safetensors" in names(dialog))
    monkeypatch.setattr(dialog, "agreed", lambda text: True)
    press(dialog, "remove")
    wait(lambda: "elsewhere.safetensors" not in names(dialog))
    assert os.path.exists(path)


@pytest.fixture
def trash(monkeypatch, tmp_path):
    """A trash of its own, as the desktop's standard has it."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "Trash" / "files"


def test_deleting_asks_says_where_it_is_used_and_moves_to_the_trash(manager, folder, build, trash, monkeypatch):
    path = put(folder, build, "parent.safetensors")
    put(folder, build, "child.safetensors", {"parent": "parent.safetensors"})
    dialog = manager()
    choose(dialog, path)
    asked, answers = [], [False, True]
    monkeypatch.setattr(dialog, "agreed", lambda text: asked.append(text) or answers.pop(0))
    press(dialog, "remove")
    assert os.path.exists(path)
    assert "'child.safetensors' was made from a checkpoint of this name." in asked[0] and path in asked[0]
    press(dialog, "remove")
    wait(lambda: "parent.safetensors" not in names(dialog))
    assert not os.path.exists(path) and len(asked) == 2
    assert (trash / "parent.safetensors").is_file()


def test_without_a_trash_it_asks_again_and_deletes_for_good(manager, folder, build, monkeypatch):
    from landsketch.ui.checkpoints import deleting

    path = put(folder, build, "old.safetensors")
    monkeypatch.setattr(deleting.QFile, "moveToTrash", lambda path: (False, ""))
    dialog = manager()
    choose(dialog, path)
    asked, answers = [], [True, False, True, True]
    monkeypatch.setattr(dialog, "agreed", lambda text: asked.append(text) or answers.pop(0))
    press(dialog, "remove")
    assert os.path.exists(path) and "for good" in asked[1]
    press(dialog, "remove")
    assert not os.path.exists(path)


def test_a_checkpoint_that_a_job_uses_is_not_deleted(manager, folder, build, trash, monkeypatch):
    from landsketch.bridge import client
    from landsketch.core.specs import ClassifySpec, SourceSpec

    path = put(folder, build, "busy.safetensors")
    engine = client.Engine()
    monkeypatch.setattr(client, "engine", lambda: engine)
    spec = ClassifySpec("first.safetensors", (SourceSpec("optical", "a.tif"),), "map.tif", members=(path,))
    entered, leave = threading.Event(), threading.Event()

    def run(worker, spec, feedback):
        entered.set()
        leave.wait(10)
        return {}

    monkeypatch.setattr(engine, "_ready_worker", lambda feedback: None)
    monkeypatch.setattr(engine, "_run_in", run)

    class Feedback:
        def is_cancelled(self):
            return False

    job = threading.Thread(target=engine.run, args=(spec, Feedback()))
    job.start()
    try:
        assert entered.wait(5)
        dialog = manager()
        choose(dialog, path)
        monkeypatch.setattr(dialog, "agreed", lambda text: True)
        press(dialog, "remove")
        assert os.path.exists(path) and "A job uses 'busy.safetensors' now." in dialog.work.message.text()
    finally:
        leave.set()
        job.join()
    assert engine.job is None
    press(dialog, "remove")
    wait(lambda: "busy.safetensors" not in names(dialog))
