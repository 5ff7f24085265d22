"""Which runtime and precision classify: measured on the scene itself, in about a second."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import Cancelled, EngineError
from ..progress import Reporter
from ..sensors import AUTO
from .model import TITLES, Candidate
from .runtime import Images, Runtime

LEAST_AGREEMENT = 0.995
"""Share of pixels whose class must be that of fp32, so that speed never costs the map."""

FAR_FASTER = 1.5
"""No runtime in fp32 was measured to be so much faster than PyTorch."""


@dataclass(frozen=True)
class _Trial:
    candidate: Candidate
    runtime: Runtime
    seconds: float
    agreement: float


def matching(candidates: Sequence[Candidate], runtime: str, precision: str) -> list[Candidate]:
    """Returns the candidates that a user's choice allows.

    Raises:
        EngineError: If there is none.
    """
    found = [c for c in candidates if runtime in (AUTO, c.name) and precision in (AUTO, c.precision)]
    if not found:
        wanted = " in ".join(text for text in (TITLES.get(runtime, ""), precision) if text not in ("", AUTO))
        raise EngineError(
            f"This network cannot be run by {wanted or runtime} on this device.",
            f"Possible: {', '.join(map(str, candidates))}; or choose 'auto'.",
        )
    return found


def fastest(
    candidates: Sequence[Candidate], allowed: Sequence[Candidate], images: Images, reporter: Reporter
) -> Runtime:
    """Runs every allowed candidate on some windows of the scene and returns the fastest that gives the same map.

    Args:
        candidates: All that there are; the first is the reference, in fp32.
        allowed: Those among which to choose.
        images: Windows with data.
        reporter: Takes what was found.
    """
    reference = _tried(candidates[0], images, None, reporter)
    if reference is None:
        raise EngineError("The network cannot be run.", "See the log for the reason.")
    expected, first = reference
    trials = [first]
    for candidate in sorted(allowed, key=lambda one: one.precision == "fp32"):
        if candidate is candidates[0] or _is_beaten(candidate, trials):
            continue
        if tried := _tried(candidate, images, expected, reporter):
            trials.append(tried[1])
    usable = [t for t in trials if t.candidate in allowed and t.agreement >= LEAST_AGREEMENT]
    if not usable and candidates[0] not in allowed:
        # What the user asks for by name is done, and said.
        usable = [t for t in trials if t.candidate in allowed]
    best = min(usable or [first], key=lambda trial: trial.seconds)
    for trial in trials:
        taken = trial is best or trial.agreement >= LEAST_AGREEMENT
        refused = "" if taken else ": not used, too many classes change"
        speed = first.seconds / trial.seconds
        reporter.log(f"Tried {trial.candidate}: speed {speed:.1f}, same class {trial.agreement:.2%}{refused}.")
    if best.candidate not in allowed:
        reporter.warn(f"{' or '.join(map(str, allowed))} cannot run here; {best.candidate} does.")
    elif best.agreement < LEAST_AGREEMENT:
        reporter.warn(f"{best.candidate} was asked for, but changes {1 - best.agreement:.1%} of the classes.")
    return best.runtime


def _is_beaten(candidate: Candidate, trials: Sequence[_Trial]) -> bool:
    """Whether a runtime in fp32 need not be tried, since reduced precision is far faster and gives the same map."""
    first = trials[0]
    return candidate.precision == "fp32" and any(
        trial.agreement >= LEAST_AGREEMENT and FAR_FASTER * trial.seconds < first.seconds for trial in trials[1:]
    )


def _tried(
    candidate: Candidate, images: Images, expected: NDArray[np.intp] | None, reporter: Reporter
) -> tuple[NDArray[np.intp], _Trial] | None:
    """Returns the classes that a candidate gives and how it did; None, with a line in the log, if it cannot run."""
    try:
        runtime, steps, seconds = reporter.await_result(_timed, candidate, images)
    except Cancelled:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a runtime finds wrong, another one does the work
        reporter.log(f"{candidate} cannot run this network here: {error}")
        return None
    classes = steps.argmax(axis=1)
    agreement = 1.0 if expected is None else float(np.mean((classes == expected)[_counted(images)]))
    return classes, _Trial(candidate, runtime, seconds, agreement)


def _timed(candidate: Candidate, images: Images) -> tuple[Runtime, NDArray[np.int16], float]:
    """Returns the runtime, its steps for all windows, and the seconds for one when all lanes are at work."""
    runtime = candidate.build()
    windows = [{role: image[[index]] for role, image in images.items()} for index in range(_count(images))]
    runtime.steps(windows[0], 0)  # the first call also compiles
    with ThreadPoolExecutor(runtime.lanes) as pool:
        started = time.perf_counter()
        steps = list(pool.map(lambda window: runtime.steps(window, 0), windows))
        seconds = time.perf_counter() - started
    return runtime, np.concatenate(steps), seconds / len(windows)


def _count(images: Images) -> int:
    return len(next(iter(images.values())))


def _counted(images: Images) -> NDArray[np.bool_]:
    """(window, y, x), True where there is data."""
    finite: NDArray[np.bool_] = np.logical_and.reduce([np.isfinite(image).all(axis=1) for image in images.values()])
    return finite
