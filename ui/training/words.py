"""What is said of training runs."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any, Dict, List, Optional

from ...algorithms.feedback import duration
from ...algorithms.text import Number, tr
from ...bridge.history import CANCELLED, FAILED, FINISHED, STOPPED, Measures, Run
from ...bridge.runs import LiveRun


def short_title(run: Run) -> str:
    """Returns what was trained and how, such as 'Fine-tune, decoder'."""
    titles = {
        "finetune": tr("Fine-tune"),
        "finetunescenes": tr("Fine-tune on patches"),
        "pretrain": tr("Pretrain"),
        "labelratio": tr("Label ratio"),
    }
    how = str(run.spec.get("mode") or run.spec.get("method") or "")
    return ", ".join(word for word in (titles.get(run.job, run.call.title), how) if word)


def output_name(run: Run) -> str:
    """Returns the name of the file that the run writes."""
    return os.path.basename(str(run.spec.get("output") or run.spec.get("csv") or ""))


def started(run: Run, with_year: bool = False) -> str:
    """Returns when a run was started."""
    try:
        return datetime.fromisoformat(run.started).strftime("%Y-%m-%d %H:%M:%S" if with_year else "%m-%d %H:%M")
    except ValueError:
        return run.started


def state(run: Run, live: Optional[LiveRun]) -> str:
    """Returns how far a run is, or how it ended, in a word or two."""
    if live is not None:
        return tr("running, {share} %").format(share=int(100 * live.fraction))
    words = {
        FINISHED: tr("finished"),
        STOPPED: tr("ended by hand"),
        CANCELLED: tr("cancelled"),
        FAILED: tr("failed"),
        "": tr("interrupted"),
    }
    return words.get(run.ending, run.ending)


def best(run: Run) -> Optional[Measures]:
    """Returns what was measured when the held-out loss was lowest; without one, what was measured last."""
    judged = [measures for measures in run.metrics if "held_out_loss" in measures.values]
    if judged:
        return min(judged, key=lambda measures: measures.values["held_out_loss"])
    return run.metrics[-1] if run.metrics else None


def class_f1(run: Run) -> Dict[str, float]:
    """Returns the F1 of the classes with the weights that are kept."""
    final = (run.result.get("metrics") or {}).get("classes") or []
    told = {entry["name"]: entry["f1"] for entry in final if entry.get("f1") is not None}
    kept = best(run)
    return told or (dict(kept.f1) if kept is not None else {})


def score(run: Run) -> str:
    """Returns the number that tells runs apart: macro F1 on held-out labels, or else the last loss."""
    metrics = run.result.get("metrics") or {}
    final = (metrics.get("macro") or {}).get("f1", metrics.get("macro_f1"))
    kept = best(run)
    if final is None and kept is not None:
        final = kept.values.get("held_out_macro_f1")
    if final is not None:
        return tr("F1 {value:.3f}").format(value=Number(final))
    loss = kept.values.get("loss") if kept is not None else None
    return "" if loss is None else tr("loss {value:.3g}").format(value=Number(loss))


def progress_line(run: Run, live: Optional[LiveRun]) -> str:
    """Returns what a run does now and how long that takes, or how it ended."""
    if live is None:
        return _ended_line(run)
    if live.is_cancelled:
        return tr("Being cancelled …")
    if live.is_finishing:
        return tr("Ends after this batch; the best weights are then written …")
    parts = [live.message or tr("Waits for the engine")]
    if live.seconds_left is not None:
        parts.append(tr("{time} left").format(time=duration(live.seconds_left)))
    return " · ".join([*parts, tr("running for {time}").format(time=duration(live.seconds))])


def _ended_line(run: Run) -> str:
    if not run.ending:
        return tr("Interrupted: QGIS or the engine ended first, or another QGIS still runs it.")
    words = {
        FINISHED: tr("Finished after {time}."),
        STOPPED: tr("Ended by hand after {time}; the best weights are kept."),
        CANCELLED: tr("Cancelled after {time}; nothing was written."),
        FAILED: tr("Failed after {time}."),
    }
    # A pretraining that was ended by hand keeps the weights of that moment: nothing tells which were best.
    ending = FINISHED if (run.job, run.ending) == ("pretrain", STOPPED) else run.ending
    line = words.get(ending, ending).format(time=duration(run.seconds))
    return " ".join(part for part in (line, run.message) if part)


def measures_line(run: Run) -> str:
    """Returns the latest measures and the best ones in a line; empty where nothing was measured."""
    if not run.metrics:
        return ""
    parts: List[str] = [_words(run.metrics[-1].values)]
    kept = best(run)
    if kept is not None and kept is not run.metrics[-1]:
        parts.append(tr("Best: {words}").format(words=_words(kept.values)))
    return "\n".join(parts)


def _words(values: Dict[str, Any]) -> str:
    parts = []
    for name, value in values.items():
        unit = units().get(name)
        parts.append(f"{unit} {value:.0f}" if unit else f"{measure_name(name)} {Number(value):.3g}")
    return " · ".join(parts)


def units() -> Dict[str, str]:
    """Returns the names of what is counted along a curve."""
    return {"epoch": tr("epoch"), "step": tr("update")}


def measure_name(name: str) -> str:
    """Returns a measure's name for people."""
    names = {
        "loss": tr("training loss"),
        "held_out_loss": tr("held-out loss"),
        "held_out_macro_f1": tr("macro F1"),
        "held_out_oa": tr("overall accuracy"),
        "spread": tr("spread of features"),
    }
    return names.get(name, name.replace("_", " "))
