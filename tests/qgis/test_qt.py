"""How the desktop side uses Qt: in ways that Qt 5 and Qt 6 share, and without hiding what Qt's classes have."""

import ast
import importlib
import inspect
import textwrap
from pathlib import Path

from qgis.PyQt.QtCore import QObject

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("algorithms", "bridge", "ui", "tests/qgis", "tests/e2e", "benchmarks")
FILES = sorted([ROOT / "plugin.py", *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))])
MOVED = {"QAction", "QActionGroup", "QShortcut", "QUndoCommand", "QUndoStack", "QFileSystemModel"}
"""From QtWidgets to QtGui."""

GONE = {"exec_", "QRegExp", "QDesktopWidget", "qApp", "print_", "globalX", "globalY", "globalPos", "localPos"}
COMPAT = ROOT / "algorithms" / "compat.py"
"""Where the differences are."""


def imported(tree):
    """Yields (alias, module, name) of what comes from QGIS and Qt."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0 and node.module.startswith("qgis"):
            yield from ((name.asname or name.name, node.module, name.name) for name in node.names)


def dotted(node):
    """Returns the names of `a.b.c`, or nothing for other expressions."""
    names = []
    while isinstance(node, ast.Attribute):
        names.insert(0, node.attr)
        node = node.value
    return [node.id, *names] if isinstance(node, ast.Name) else []


def unscoped(tree):
    """Returns the enumeration values that are named without their enumeration."""
    known = {}
    for alias, module, name in imported(tree):
        found = getattr(importlib.import_module(module), name, None)
        if isinstance(found, type):
            known[alias] = found
    result = []
    chains = (dotted(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    for names in (chain for chain in chains if chain and chain[0] in known):
        owner = value = known[names[0]]
        for name in names[1:]:
            owner, value = value, getattr(value, name, None)
        plain = value is None or isinstance(value, type) or type(value) in (int, bool) or not isinstance(value, int)
        if not plain and owner is not type(value):
            result.append(".".join(names))
    return result


def only_in_qt_5(tree):
    """Returns what Qt 6 no longer has, and imports that bind a file to one version."""
    names = list(imported(tree))
    moved = {name for _, module, name in names if module == "qgis.PyQt.QtWidgets" and name in MOVED}
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} | {name for *_, name in names}
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    return moved | GONE & used | {module for module in modules if module.startswith(("PyQt", "sip"))}


def test_the_desktop_side_is_ready_for_qt_6(qgis_app):
    sources = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in FILES if path != COMPAT}
    assert len(sources) > 150
    trees = {name: ast.parse(source) for name, source in sources.items()}
    found = {name: [*unscoped(tree), *only_in_qt_5(tree)] for name, tree in trees.items()}
    assert not {name: what for name, what in found.items() if what}


def test_what_qt_6_lacks_is_found(qgis_app):
    source = "from qgis.PyQt.QtCore import Qt, QVariant\nfrom qgis.core import QgsTask\n"
    names = (
        "Qt.AlignLeft",
        "Qt.AlignmentFlag.AlignLeft",
        "QgsTask.CanCancel",
        "QgsTask.Flag.CanCancel",
        "Qt.Key.Key_A",
    )
    assert unscoped(ast.parse(source + "\n".join(names))) == ["Qt.AlignLeft", "QgsTask.CanCancel"]
    source = "import sip\nfrom qgis.PyQt.QtWidgets import QAction, QMenu\nQMenu().exec_()"
    assert only_in_qt_5(ast.parse(source)) == {"sip", "QAction", "exec_"}


def hidden(kind):
    """Returns the attributes that a class of ours sets over a method of Qt or QGIS, such as `self.size = ...`."""
    theirs = [base for base in kind.__mro__ if not base.__module__.startswith("landsketch") and base is not object]
    return {
        node.attr
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(kind))))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and dotted(node)[:1] == ["self"]
        if len(dotted(node)) == 2 and any(hasattr(base, node.attr) for base in theirs)
    }


def test_no_attribute_hides_a_method_of_qt(qgis_app, qgis_processing):
    kinds = set()
    for path in (ROOT / "ui").rglob("*.py"):
        module = importlib.import_module(".".join(["landsketch", *path.relative_to(ROOT).with_suffix("").parts]))
        kinds |= {kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, QObject)}
    ours = {kind for kind in kinds if kind.__module__.startswith("landsketch")}
    assert len(ours) > 30
    assert not {kind: hidden(kind) for kind in ours if hidden(kind)}


class Hiding(QObject):
    """For the test of the check above."""

    def __init__(self):
        super().__init__()
        self.parent = self.own = None


def test_hidden_methods_are_found():
    assert hidden(Hiding) == {"parent"}
