"""Who may import whom: QGIS's side stays light, the engine knows no QGIS, and the shared kernel needs nothing."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / ".dev" / "site"

SHARED = (
    "specs", "cards", "card_files", "card_page", "card_words", "html_parts", "legend", "onnx_card", "deepness_keys",
    "protobuf", "sensors", "errors", "encoder_registry", "embedding_tags", "pretraining_methods", "networks",
    "stack_file", "stack_assets", "stack_items", "ensembles", "kept_features",
    "usual_values", "units", "plausibility", "band_orders", "spectral_order", "spectral_model",
)  # fmt: skip
"""The modules of core that QGIS's side may import."""

SHARED_WITH_NUMPY = ("units", "plausibility", "band_orders", "spectral_order", "spectral_model")
"""Those of them that judge pixels."""

ENGINE = sorted([*ROOT.glob("core/**/*.py"), *ROOT.glob("models/**/*.py"), ROOT / "__main__.py"])
QGIS_SIDE = sorted(
    [
        ROOT / "__init__.py",
        *ROOT.glob("plugin.py"),
        *(path for folder in ("ui", "algorithms", "bridge") for path in ROOT.glob(f"{folder}/**/*.py")),
    ]
)


def imports(path):
    """Returns the modules that a file imports anywhere in it, relative ones as 'landsketch.core.errors'."""
    package = ["landsketch", *path.relative_to(ROOT).parent.parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) + 1 - node.level] if node.level else []
            module = ".".join([*start, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def names(paths):
    return [str(path.relative_to(ROOT)) for path in paths]


def is_standard(module):
    return module.split(".")[0] in sys.stdlib_module_names


def test_there_is_something_to_check():
    assert {"plugin.py", "bridge/client.py"} <= set(names(QGIS_SIDE))
    assert {"core/worker.py", "core/specs/job.py"} <= set(names(ENGINE))


@pytest.mark.parametrize("path", QGIS_SIDE, ids=names(QGIS_SIDE))
def test_qgis_side_imports_nothing_heavy(path):
    allowed = ("qgis", "numpy", "processing", "osgeo", "landsketch")
    foreign = [module for module in imports(path) if not is_standard(module) and module.split(".")[0] not in allowed]
    assert foreign == []


@pytest.mark.parametrize("path", QGIS_SIDE, ids=names(QGIS_SIDE))
def test_qgis_side_takes_only_the_shared_modules_of_the_engine(path):
    ours = [module.split(".") for module in imports(path) if module.startswith("landsketch.")]
    assert [parts for parts in ours if parts[1] == "models"] == []
    assert [parts for parts in ours if parts[1] == "core" and parts[2] not in SHARED] == []


@pytest.mark.parametrize("path", sorted(ROOT.glob("bridge/*.py")), ids=lambda path: path.name)
def test_bridge_knows_neither_qt_nor_the_plugin(path):
    for module in imports(path):
        assert is_standard(module) or module.startswith(("landsketch.bridge", "landsketch.core", "numpy")), module


@pytest.mark.parametrize("name", SHARED)
def test_shared_modules_import_the_standard_library_only(name):
    shared = tuple(f"landsketch.core.{other}" for other in SHARED)
    found = [module for path in files_of(name) for module in imports(path)]
    if name in SHARED_WITH_NUMPY:
        shared += ("numpy",)
    assert [m for m in found if not is_standard(m) and not m.startswith(shared)] == []


@pytest.mark.parametrize("path", ENGINE, ids=names(ENGINE))
def test_engine_imports_neither_qgis_nor_qt_nor_the_qgis_side(path):
    for module in imports(path):
        assert not module.startswith(("qgis", "PyQt", "PySide", "osgeo", "processing")), module
        parts = module.split(".")
        assert not (
            parts[0] == "landsketch" and len(parts) > 1 and parts[1] in ("bridge", "ui", "algorithms", "plugin")
        )


def test_no_module_that_models_import_imports_models():
    """Imports run one way: core.jobs → core → models. Models may use leaves of core, such as `outputs`."""
    waiting = {module for path in ROOT.glob("models/**/*.py") for module in core_modules(path)}
    reached = set()
    while waiting:
        module = waiting.pop()
        reached.add(module)
        for path in files_of(module):
            assert not [name for name in imports(path) if name.startswith("landsketch.models")], module
            waiting |= set(core_modules(path)) - reached
    assert "errors" in reached


def files_of(module):
    """Returns the files of a module or package of core."""
    folder = ROOT / "core" / module
    return sorted(folder.glob("*.py")) if folder.is_dir() else [ROOT / "core" / f"{module}.py"]


def core_modules(path):
    """Returns the names of the modules of core that a file imports."""
    for module in imports(path):
        parts = module.split(".")
        if parts[:2] == ["landsketch", "core"] and len(parts) > 2:
            yield parts[2]


def test_importing_the_bridge_loads_nothing_beyond_the_standard_library():
    code = (
        "import sys; import landsketch.bridge.client, landsketch.core.cards; "
        "print([m for m in sys.modules if m.split('.')[0] not in {*sys.stdlib_module_names, 'landsketch', '__main__'} "
        "and getattr(sys.modules[m], '__file__', None) and 'site-packages' in sys.modules[m].__file__])"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=SITE, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
