"""Brings the translations (i18n/*.ts) up to date with the texts in the sources; `./dev translate` runs it.

Qt's own `lupdate` and `pylupdate` file a bare `tr(...)` under the class that it stands in, whereas all texts of
LandSketch have one context. So the texts are read by Python's own parser, and the files written in Qt's format 2.1,
which Qt Linguist, Weblate and `lrelease` of Qt 5 and 6 read.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from landsketch.core.networks import NETWORKS
from landsketch.core.pretraining_methods import METHODS
from qgis.PyQt.QtCore import QXmlStreamReader

CONTEXT = "LandSketch"
"""As in `algorithms/text.py`."""

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("algorithms", "ui")
"""What people read is said there; the engine's words stay English (docs/translating.md)."""

TABLES = {
    "core/networks.py": [network.advice for network in NETWORKS.values()],
    "core/pretraining_methods.py": [method.advice for method in METHODS.values()],
}
"""Texts that QGIS shows out of tables shared with the engine, through `translated`."""

FINISHED, UNFINISHED, VANISHED = "", "unfinished", "vanished"


@dataclass(frozen=True)
class Message:
    """A text and its translation.

    Attributes:
        source: The English text.
        translation: Empty while there is none.
        state: `FINISHED`, `UNFINISHED` or `VANISHED`: no longer in the sources, kept in case it returns.
        files: The sources that say it, relative to the repository; no line numbers, which change with every edit.
    """

    source: str
    translation: str = ""
    state: str = UNFINISHED
    files: Tuple[str, ...] = ()


def source_texts(root: Path = ROOT) -> Dict[str, Tuple[str, ...]]:
    """Returns every text that is translated, with the files that say it, in the order of the sources.

    Raises:
        ValueError: If `tr` is called with anything but one literal text, which no tool could extract.
    """
    found: Dict[str, List[str]] = {}
    problems: List[str] = []
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            for line, text in _texts(ast.parse(path.read_text(encoding="utf-8"))):
                if text is None:
                    problems.append(f"{name}:{line}: tr takes one literal text; fill in values with format() after it.")
                elif name not in found.setdefault(text, []):
                    found[text].append(name)
    for name, texts in TABLES.items():
        for text in texts:
            found.setdefault(text, []).append(name)
    if problems:
        raise ValueError("\n".join(problems))
    return {text: tuple(files) for text, files in found.items()}


def _texts(tree: ast.AST) -> Iterator[Tuple[int, Optional[str]]]:
    """Line and text of every `tr(...)` in a file, from top to bottom; None where it is no literal text."""
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tr"
    ]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        text = call.args[0] if len(call.args) == 1 and not call.keywords else None
        yield call.lineno, text.value if isinstance(text, ast.Constant) and isinstance(text.value, str) else None


def read(path: Path) -> List[Message]:
    """Returns the messages of a .ts file.

    Raises:
        ValueError: If it is not well-formed.
    """
    reader = QXmlStreamReader(path.read_bytes())
    messages: List[Message] = []
    while not reader.atEnd():
        reader.readNext()
        if not reader.isStartElement():
            continue
        if reader.name() == "message":
            messages.append(Message(""))
        elif reader.name() == "location":
            messages[-1] = replace(messages[-1], files=(*messages[-1].files, _file_of(reader)))
        elif reader.name() == "source":
            messages[-1] = replace(messages[-1], source=reader.readElementText())
        elif reader.name() == "translation":
            state = reader.attributes().value("type")
            messages[-1] = replace(messages[-1], translation=reader.readElementText(), state=state)
    if reader.hasError():
        raise ValueError(f"{path}:{reader.lineNumber()}: {reader.errorString()}")
    return messages


def _file_of(reader: QXmlStreamReader) -> str:
    return str(reader.attributes().value("filename")).replace("../", "", 1)


def updated(messages: Sequence[Message], texts: Mapping[str, Tuple[str, ...]]) -> List[Message]:
    """Returns the messages for these texts: known translations kept, new texts unfinished, the rest vanished."""
    known = {message.source: message for message in messages}
    result = [_current(known.get(text, Message(text)), files) for text, files in texts.items()]
    gone = [message for message in messages if message.source not in texts and message.translation]
    return result + [replace(message, state=VANISHED, files=()) for message in gone]


def _current(message: Message, files: Tuple[str, ...]) -> Message:
    # One that had vanished and is back was right once; a translator looks at it again all the same.
    return replace(message, state=UNFINISHED if message.state == VANISHED else message.state, files=files)


def to_xml(messages: Sequence[Message], language: str) -> str:
    """Returns the content of a .ts file."""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        "<!DOCTYPE TS>",
        f'<TS version="2.1" language="{language}" sourcelanguage="en">',
        "<context>",
        f"    <name>{CONTEXT}</name>",
    ]
    for message in messages:
        state = f' type="{message.state}"' if message.state else ""
        lines += [
            "    <message>",
            *(f'        <location filename="../{name}"/>' for name in message.files),
            f"        <source>{escape(message.source, quote=False)}</source>",
            f"        <translation{state}>{escape(message.translation, quote=False)}</translation>",
            "    </message>",
        ]
    return "\n".join([*lines, "</context>", "</TS>", ""])


def language_of(path: Path) -> str:
    """Returns the language of landsketch_<language>.ts."""
    return path.stem.partition("_")[2]


def update(path: Path, texts: Mapping[str, Tuple[str, ...]]) -> str:
    """Brings a .ts file up to date, or begins it, and returns what is left to do in one line."""
    messages = updated(read(path) if path.exists() else [], texts)
    unwritten = path.with_suffix(".ts.new")
    unwritten.write_text(to_xml(messages, language_of(path)), encoding="utf-8")
    os.replace(unwritten, path)
    counts = {state: sum(message.state == state for message in messages) for state in (UNFINISHED, VANISHED)}
    return f"{path.name}: {len(texts)} texts, {counts[UNFINISHED]} unfinished, {counts[VANISHED]} vanished"


def main(languages: Sequence[str]) -> None:
    """Updates all translations, and begins those of the named languages."""
    folder = Path(__file__).resolve().parent
    for language in languages:
        if not re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2})?", language):
            sys.exit(f"'{language}' is no language; name it as QGIS does, such as 'fr' or 'pt_BR'.")
    try:
        texts = source_texts()
    except ValueError as error:
        sys.exit(str(error))
    begun = {folder / f"landsketch_{language}.ts" for language in languages}
    for path in sorted({*folder.glob("landsketch_*.ts"), *begun}):
        print(update(path, texts))


if __name__ == "__main__":
    main(sys.argv[1:])
