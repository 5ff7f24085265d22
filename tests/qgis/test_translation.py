"""The plugin speaks the language of QGIS where it is translated, and English elsewhere."""

import ast
import re
from pathlib import Path

import pytest
from landsketch.i18n import update
from qgis.core import QgsApplication, QgsProcessingParameterEnum, QgsSettings
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QCoreApplication, QLocale, QTranslator
from qgis.PyQt.QtWidgets import QAbstractButton, QGroupBox, QLabel, QMainWindow

TRANSLATIONS = sorted(Path(update.__file__).parent.glob("landsketch_*.ts"))
PLACEHOLDER = re.compile(r"\{[^{}]*\}")
TAG = re.compile(r"</?\w+>")
MNEMONIC = re.compile(r"&(\w)")
NAMED = re.compile(r"(?<!\w)'([^' ][^']*)'(?!\w)")
"""What a text quotes: an option, or the name of an algorithm."""

each_translation = pytest.mark.parametrize("path", TRANSLATIONS, ids=lambda path: path.stem)


def finished(path):
    """The messages that are translated."""
    return [message for message in update.read(path) if message.state == update.FINISHED]


# --- The files ----------------------------------------------------------------------------------------------------


def test_there_is_german():
    assert "landsketch_de" in [path.stem for path in TRANSLATIONS]


@each_translation
def test_every_text_of_the_sources_is_translated(path):
    translated = {message.source for message in finished(path) if message.translation}
    missing = set(update.source_texts()) - translated
    assert not missing, "Run ./dev translate, and translate what it calls unfinished."
    assert len(translated) > 1000


@each_translation
def test_placeholders_and_tags_are_kept(path):
    for message in finished(path):
        for part in (PLACEHOLDER, TAG):
            assert sorted(part.findall(message.source)) == sorted(part.findall(message.translation)), message


@each_translation
def test_what_has_a_mnemonic_keeps_one(path):
    for message in finished(path):
        if "<" not in message.source:
            counts = [len(MNEMONIC.findall(text)) for text in (message.source, message.translation)]
            assert counts[0] == counts[1], message


@each_translation
def test_options_are_quoted_untranslated_and_algorithms_by_the_names_that_the_toolbox_shows(path, algorithms):
    translations = {message.source: message.translation for message in finished(path)}
    titles = {algorithm.displayName() for algorithm in algorithms}
    options = {
        option
        for algorithm in algorithms
        for definition in algorithm.parameterDefinitions()
        if isinstance(definition, QgsProcessingParameterEnum)
        for option in definition.options()
    }
    checked = 0
    for source, translation in translations.items():
        for name in NAMED.findall(source):
            if name in options or name in titles:
                checked += 1
                kept = name if name in options else translations[name]
                assert re.search(rf"(?<!\w){re.escape(kept)}(?!\w)", translation), translation
    assert checked > 50


@each_translation
def test_the_compiled_file_is_up_to_date(path, qgis_app):
    translator = QTranslator()
    assert translator.load(str(path.with_suffix(".qm"))), "Run ./dev translate."
    QCoreApplication.installTranslator(translator)
    try:
        for message in update.read(path):
            wanted = message.translation if message.state == update.FINISHED else message.source
            assert QCoreApplication.translate(update.CONTEXT, message.source) == wanted, "Run ./dev translate."
    finally:
        QCoreApplication.removeTranslator(translator)


# --- Their updating -----------------------------------------------------------------------------------------------


def test_an_update_keeps_translations_marks_what_vanished_and_asks_for_what_is_new():
    done = update.Message("Kept", "Behalten", update.FINISHED, ("ui/old.py",))
    gone = update.Message("Gone", "Weg", update.FINISHED)
    never_done = update.Message("Never translated")
    back = update.Message("Back", "Zurück", update.VANISHED)
    texts = {"New": ("ui/a.py",), "Kept": ("ui/b.py", "ui/c.py"), "Back": ("ui/c.py",)}
    assert update.updated([done, gone, never_done, back], texts) == [
        update.Message("New", "", update.UNFINISHED, ("ui/a.py",)),
        update.Message("Kept", "Behalten", update.FINISHED, ("ui/b.py", "ui/c.py")),
        update.Message("Back", "Zurück", update.UNFINISHED, ("ui/c.py",)),
        update.Message("Gone", "Weg", update.VANISHED),
    ]


def test_a_file_is_read_as_it_was_written(tmp_path):
    messages = [
        update.Message("<b>A</b> & 'B' \"C\"\n{n} µ", "<b>Ä</b> & „B“", update.FINISHED, ("ui/a.py", "ui/b.py")),
        update.Message("D", "", update.UNFINISHED, ("ui/a.py",)),
        update.Message("E", "F", update.VANISHED),
    ]
    path = tmp_path / "landsketch_de.ts"
    path.write_text(update.to_xml(messages, "de"), encoding="utf-8")
    assert update.read(path) == messages


def test_a_broken_file_is_named(tmp_path):
    path = tmp_path / "landsketch_de.ts"
    path.write_text("<TS><context><message>", encoding="utf-8")
    with pytest.raises(ValueError, match=r"landsketch_de\.ts:1"):
        update.read(path)


@pytest.mark.parametrize("call", ['tr(f"{n} dates")', "tr(title)", 'tr("a" + name)', 'tr("one", "two")'])
def test_a_text_that_cannot_be_extracted_is_named(tmp_path, call):
    for folder in update.FOLDERS:
        (tmp_path / folder).mkdir()
    (tmp_path / "ui" / "dialog.py").write_text(f'tr("fine")\n{call}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"ui/dialog\.py:2"):
        update.source_texts(tmp_path)


def test_texts_in_pieces_are_one(tmp_path):
    for folder in update.FOLDERS:
        (tmp_path / folder).mkdir()
    (tmp_path / "ui" / "dialog.py").write_text('x = tr(\n    "one "\n    "text"\n).format(n=1)\n', encoding="utf-8")
    assert update.source_texts(tmp_path)["one text"] == ("ui/dialog.py",)


def test_no_text_is_asked_for_while_a_module_is_imported():
    """The translation is installed after the modules are."""

    def calls(node):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.Lambda)):
                continue
            if isinstance(child, ast.Call) and isinstance(child.func, ast.Name):
                yield child.func.id
            yield from calls(child)

    files = [path for folder in update.FOLDERS for path in sorted((update.ROOT / folder).rglob("*.py"))]
    early = [path.name for path in files if {"tr", "translated"} & set(calls(ast.parse(path.read_text("utf-8"))))]
    assert len(files) > 50
    assert early == []


# --- In QGIS ------------------------------------------------------------------------------------------------------


class Interface:
    """The part of QGIS's window interface that the plugin and the dock use, on a real window."""

    def __init__(self):
        self.window = QMainWindow()
        self.canvas = QgsMapCanvas(self.window)
        self.menu = []

    def mainWindow(self):
        return self.window

    def mapCanvas(self):
        return self.canvas

    def addToolBar(self, name):
        return self.window.addToolBar(name)

    def addPluginToMenu(self, name, action):
        self.menu.append(action)

    def __getattr__(self, name):
        if name.startswith(("add", "remove", "register", "unregister")):
            return lambda *arguments: None
        raise AttributeError(name)


@pytest.fixture
def start(qgis_app, qgis_processing, project):
    """Starts the plugin in a QGIS of a language, with a window; the last one is unloaded."""
    import landsketch

    settings, plugins = QgsSettings(), []

    def started(language):
        settings.setValue("locale/overrideFlag", True)
        settings.setValue("locale/userLocale", language)
        interface = Interface()
        plugins.append(landsketch.classFactory(interface))
        plugins[-1].initGui()
        plugins[-1].interface = interface
        return plugins[-1]

    yield started
    for plugin in plugins:
        plugin.unload()
        plugin.interface.window.close()
    for name in ("locale/overrideFlag", "locale/userLocale"):
        settings.remove(name)


@pytest.fixture
def algorithms(qgis_app):
    """All algorithms with their parameters, in English."""
    from landsketch.algorithms.provider import ALGORITHMS

    return [algorithm().create() for algorithm in ALGORITHMS]


def listed():
    """The algorithms that QGIS lists, by name."""
    return {a.name(): a for a in QgsApplication.processingRegistry().providerById("landsketch").algorithms()}


def texts_of(widget):
    """All that labels, buttons and groups in a widget say."""
    said = [child.text() for kind in (QLabel, QAbstractButton) for child in widget.findChildren(kind)]
    return {text.replace("&", "") for text in said + [group.title() for group in widget.findChildren(QGroupBox)]}


def page_texts(plugin):
    from landsketch.ui.engine_page import EnginePageFactory

    return texts_of(EnginePageFactory(lambda window: None).createWidget(plugin.interface.window))


def dock_texts(plugin):
    from landsketch.ui.dock.dock import Dock

    dock = Dock(plugin.interface, lambda algorithm, parameters: None)
    texts = texts_of(dock)
    dock.remove()
    return texts


@pytest.mark.parametrize("language", ["de", "de_AT"])
def test_a_german_qgis_gets_german(start, language):
    plugin = start(language)
    algorithms = listed()
    assert algorithms["finetune"].displayName() == "Klassifikator feinabstimmen"
    assert algorithms["finetune"].group() == "Landbedeckung"
    assert algorithms["classify"].parameterDefinition("TILE").description() == "Kachelgröße in Pixeln"
    assert "Verfahren" in algorithms["pretrain"].shortHelpString()
    assert "Verbirgt Bildteile" in algorithms["pretrain"].shortHelpString()  # out of a table of the engine
    assert {"2  Klassen und Labels", "Live-Vorschau im Kartenfenster", "Klasse hinzufügen"} <= dock_texts(plugin)
    assert {"Geräte", "Vorgaben", "Geräte prüfen"} <= page_texts(plugin)
    assert "LandSketch-Bedienfeld" in [action.text() for action in plugin.interface.menu]


@pytest.mark.parametrize("language", ["en", "en_GB", "eo"])
def test_others_get_english(start, language):
    plugin = start(language)
    assert listed()["finetune"].displayName() == "Fine-tune a classifier"
    assert {"2  Classes and labels", "Live preview of the map on screen", "Add class"} <= dock_texts(plugin)
    assert {"Devices", "Preferences", "Check devices"} <= page_texts(plugin)


def test_nothing_that_scripts_use_is_translated(start):
    def interface():
        return {
            name: (
                algorithm.groupId(),
                [
                    (d.name(), d.type(), str(d.defaultValue()), d.options() if d.type() == "enum" else None)
                    for d in algorithm.parameterDefinitions()
                ],
                [output.name() for output in algorithm.outputDefinitions()],
            )
            for name, algorithm in listed().items()
        }

    english = start("en")
    before = interface()
    english.unload()
    start("de")
    assert listed()["finetune"].displayName() == "Klassifikator feinabstimmen"
    assert interface() == before


def test_unloading_takes_the_translation_along(start):
    plugin = start("de")
    assert QCoreApplication.translate(update.CONTEXT, "Class map") == "Klassenkarte"
    plugin.unload()
    assert QCoreApplication.translate(update.CONTEXT, "Class map") == "Class map"


def test_qgis_process_speaks_german_too(start):
    """It starts the plugin by `initProcessing` alone."""
    import landsketch

    start("de").unload()
    plugin = landsketch.classFactory(None)
    plugin.initProcessing()
    try:
        assert listed()["assess"].displayName() == "Karte bewerten"
    finally:
        plugin.unload()


def test_no_two_controls_of_the_german_dock_share_a_key(start):
    """As in English: Alt and a letter reach one control at once."""
    from landsketch.ui.dock.dock import Dock

    for language in ("en", "de"):
        plugin = start(language)
        dock = Dock(plugin.interface, lambda algorithm, parameters: None)
        keys = [
            found.group(1).lower()
            for kind in (QLabel, QAbstractButton)
            for child in dock.findChildren(kind)
            if not child.text().startswith("<")
            for found in [MNEMONIC.search(child.text().replace("&&", ""))]
            if found
        ]
        dock.remove()
        plugin.unload()
        assert len(keys) > 15
        assert sorted(set(keys)) == sorted(keys), language


@pytest.mark.parametrize(("language", "size"), [("de", "1,2 GB"), ("en", "1.2 GB")])
def test_numbers_have_the_decimal_sign_that_qgis_is_set_to(language, size):
    from landsketch.algorithms.clear_cache import size_in_words
    from landsketch.ui.checkpoints import entries

    before = QLocale()
    QLocale.setDefault(QLocale(language))
    try:
        assert size_in_words(1_200_000_000) == entries.size(1_200_000_000) == size
    finally:
        QLocale.setDefault(before)
