"""The checkpoint manager, by its real widgets on real files: what is listed, and what can be opened from there."""

import os
import shutil
import time

from checkpoint_parts import choose, names, press, put, wait
from mnemonics import leading_nowhere
from patience import idle
from qgis.core import QgsApplication, QgsSettings
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QAbstractButton, QLabel, QMainWindow

pytest_plugins = ["checkpoint_parts"]


def shown(dialog):
    rows = dialog.table.filter
    return [str(rows.index(row, 0).data()) for row in range(rows.rowCount())]


def test_bundled_local_and_downloadable_ones_stand_in_one_table(manager, folder, build, legend):
    from landsketch.core.encoder_registry import encoders

    put(folder, build, "fields.safetensors", legend=legend, roles=("optical", "sar"))
    dialog = manager()
    assert shown(dialog)[:2] == ["bundled.safetensors", "fields.safetensors"]
    assert names(dialog, "downloadable") == [entry.id for entry in encoders()]
    row = [str(dialog.table.filter.index(1, column).data() or "") for column in range(6)]
    size = os.path.getsize(folder / "fields.safetensors")
    assert row[1:3] == ["classifier", "S2 L2A (10), S1 RTC (2)"]
    assert row[3] == f"{size / 1000:.1f} kB" and row[5] == "local"
    assert dialog.state.itemText(2) == "local (1)"


def test_words_and_states_narrow_the_table(manager, folder, build, legend):
    put(folder, build, "fields.safetensors", legend=legend)
    put(folder, build, "radar.safetensors", roles=("sar",))
    dialog = manager()
    dialog.search.setText("sentinel-1 RTC")
    assert shown(dialog) == ["radar.safetensors"]
    assert str(dialog.table.filter.index(0, 2).data()) == "S1 RTC (2)"
    dialog.search.setText("forest")  # a class, which is not in the table
    assert shown(dialog) == ["fields.safetensors"]
    dialog.search.setText("galileo nano")
    assert shown(dialog) == ["galileo-nano"]
    dialog.search.clear()
    dialog.state.setCurrentIndex(dialog.state.findData("local"))
    assert shown(dialog) == ["fields.safetensors", "radar.safetensors"]


def test_columns_sort_by_what_they_mean(manager, folder, build):
    put(folder, build, "small.safetensors")
    dialog = manager()
    dialog.table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    sizes = [dialog.table.filter.index(row, 3).data(Qt.ItemDataRole.UserRole) for row in range(10)]
    assert sizes == sorted(sizes, reverse=True) and sizes[0] > 2e9


def test_what_cannot_be_read_is_shown_with_the_reason(manager, folder, build):
    (folder / "notes.safetensors").write_bytes(b"no checkpoint at all")
    (folder / "weights.pth").write_bytes(b"pickled")
    (folder / ".half.safetensors").write_bytes(b"being written")
    (folder / "readme.txt").write_text("nothing to do with it")
    dialog = manager()
    assert names(dialog, "unreadable") == ["notes.safetensors", "weights.pth"]
    assert ".half.safetensors" not in names(dialog) and "readme.txt" not in names(dialog)
    choose(dialog, folder / "notes.safetensors")
    assert "is not a checkpoint" in dialog.card.toPlainText()
    choose(dialog, folder / "weights.pth")
    assert "Import an encoder" in dialog.card.toPlainText()
    enabled = {name for name, button in dialog.commands.buttons.items() if button.isEnabled()}
    assert enabled == {"show", "remove"}


def test_the_folder_is_watched(manager, folder, build):
    dialog = manager()
    put(folder, build, "new.safetensors")
    wait(lambda: "new.safetensors" in names(dialog))
    choose(dialog, folder / "new.safetensors")
    put(folder, build, "another.safetensors")
    wait(lambda: "another.safetensors" in names(dialog))
    assert dialog.table.current().name == "new.safetensors"
    (folder / "new.safetensors").unlink()
    wait(lambda: "new.safetensors" not in names(dialog))
    dialog.close()
    put(folder, build, "meanwhile.safetensors")
    dialog.show()
    wait(lambda: "meanwhile.safetensors" in names(dialog))


def test_another_folder_is_kept_in_the_settings(manager, folder, build, tmp_path):
    from landsketch.ui.checkpoints import store

    second = tmp_path / "second"
    second.mkdir()
    put(second, build, "there.safetensors")
    dialog = manager()
    dialog.folder.setFilePath(str(second))
    wait(lambda: "there.safetensors" in names(dialog))
    assert store.folder() == str(second)
    store.set_folder(store.default_folder())
    assert not QgsSettings().contains(store._FOLDER)


def test_dialogs_open_with_the_checkpoint_filled_in(manager, folder, build, legend, opened):
    path = put(folder, build, "fields.safetensors", legend=legend)
    encoder = put(folder, build, "encoder.safetensors")
    dialog = manager()
    choose(dialog, path)
    for name in ("finetune", "classify", "export"):
        press(dialog, name)
    dialog.importing.published.emit()
    names_opened = [algorithm for algorithm, _ in opened]
    assert names_opened[:3] == ["landsketch:finetune", "landsketch:classify", "landsketch:exportonnx"]
    assert all(given == {"CHECKPOINT": path} for _, given in opened[:3])
    assert opened[3] == ("landsketch:importcheckpoint", {"OUTPUT": str(folder / "imported.safetensors")})
    for algorithm, given in opened:
        definitions = QgsApplication.processingRegistry().algorithmById(algorithm).parameterDefinitions()
        assert set(given) <= {definition.name() for definition in definitions}
    choose(dialog, encoder)
    assert not dialog.commands.buttons["classify"].isEnabled()
    assert not dialog.commands.buttons["export"].isEnabled()


def test_a_patch_classifier_opens_the_dialog_for_patches(manager, folder, build, legend, opened):
    card = build.card_of(legend=legend)
    card = build.replace(card, architecture={**card.architecture, "scene_head": {"multilabel": False}})
    shutil.move(build.written("patches.safetensors", card), folder)
    dialog = manager()
    choose(dialog, folder / "patches.safetensors")
    press(dialog, "classify")
    assert opened == [("landsketch:classifyscenes", {"CHECKPOINT": str(folder / "patches.safetensors")})]
    assert not dialog.commands.buttons["export"].isEnabled()


def test_the_bundled_encoder_can_be_used_but_not_deleted(manager):
    dialog = manager()
    used = []
    dialog.used.connect(used.append)
    choose(dialog, dialog.table.checkpoints.entries[0].key)
    assert dialog.table.current().state == "bundled"
    press(dialog, "use")
    assert used == [""]
    assert not dialog.commands.buttons["remove"].isEnabled()
    dialog.delete()
    assert os.path.exists(dialog.table.current().path)


def test_enter_in_the_search_line_presses_nothing(manager):
    dialog = manager()
    assert not any(
        button.autoDefault() for button in dialog.findChildren(QAbstractButton) if hasattr(button, "autoDefault")
    )


def test_each_letter_of_the_keyboard_means_one_thing(manager):
    dialog = manager()
    texts = [label.text() for label in dialog.findChildren(QLabel) if label.buddy() is not None]
    texts += [button.text() for button in dialog.findChildren(QAbstractButton)]
    for key in ("galileo-nano", "dual-simclr-swin-t", dialog.table.checkpoints.entries[0].key):
        choose(dialog, key)
        letters = [text[text.index("&") + 1].lower() for text in texts if "&" in text]
        assert len(letters) == len(set(letters)), letters
    assert not leading_nowhere(dialog)


def test_reading_many_cards_does_not_hold_up_the_main_thread(manager, folder, build, legend):
    for number in range(300):
        put(folder, build, f"model-{number}.safetensors", legend=legend)
    dialog = manager()
    wait(lambda: not dialog.watch.busy)
    for _ in range(20):  # what the window has to draw when it opens
        QgsApplication.processEvents()
    longest = 0.0
    dialog.watch.refresh()
    while dialog.watch.busy:
        before = time.thread_time()  # not the wall's clock: other programs may hold up this one
        QgsApplication.processEvents()
        longest = max(longest, time.thread_time() - before)
    assert len(names(dialog, "local")) == 300
    assert longest < 0.1, f"the main thread was busy for {longest:.3f} s"


class Interface:
    """The part of QGIS's window interface that the toolbar and the dock use, on a real window and a real canvas."""

    def __init__(self):
        self.window = QMainWindow()
        self.canvas = QgsMapCanvas(self.window)
        self.window.setCentralWidget(self.canvas)

    def __getattr__(self, name):
        return lambda *given: None  # menus and the like, which are not the matter here

    def mainWindow(self):
        return self.window

    def mapCanvas(self):
        return self.canvas

    def addToolBar(self, name):
        return self.window.addToolBar(name)

    def addDockWidget(self, area, dock):
        self.window.addDockWidget(area, dock)

    def removeDockWidget(self, dock):
        self.window.removeDockWidget(dock)


def test_the_dock_opens_the_manager_and_takes_the_choice(qgis_app, provider, project, folder, build):
    from landsketch.ui.toolbar import Toolbar

    path = put(folder, build, "mine.safetensors")
    iface = Interface()
    toolbar = Toolbar(iface)
    iface.window.show()
    try:
        toolbar.show_dock(True)
        model = toolbar._dock.model
        model.manage_button.click()
        dialog = toolbar._checkpoints
        assert dialog.isVisible() and not dialog.isModal()
        wait(lambda: dialog.table.checkpoints.entries)
        choose(dialog, path)
        press(dialog, "use")
        assert model.own.isChecked() and model.checkpoint() == path and model.done
        assert "It is chosen in the dock." in dialog.card.toPlainText()
        choose(dialog, dialog.table.checkpoints.entries[0].key)
        press(dialog, "use")
        assert model.checkpoint() == ""
        model.own.setChecked(True)
        model.file.setFilePath("")
        assert toolbar._dock_choice() is None
    finally:
        toolbar.remove()
        iface.window.close()
        wait(idle)
