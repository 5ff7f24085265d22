"""What runs a network: chosen by measurement, held to the map of fp32, and going on when memory runs out."""

import time

import numpy as np
import pytest
from landsketch.core.errors import EngineError
from landsketch.core.progress import Reporter
from landsketch.core.runtimes.choice import fastest, matching
from landsketch.core.runtimes.halving import Halving
from landsketch.core.runtimes.model import Candidate, lanes_of
from landsketch.core.runtimes.runtime import FULL, to_steps


class Fake:
    """A runtime of a stated speed whose classes differ from others in a stated share of the pixels."""

    lanes = 1

    def __init__(self, name="torch", precision="fp32", seconds=0.0, wrong=0.0, fits=1000, error=None):
        self.name, self.precision = name, precision
        self._seconds, self._wrong, self._fits = seconds, wrong, fits
        self._error = error or RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
        self.batches = []

    def steps(self, images, crop):
        time.sleep(self._seconds)
        image = images["optical"]
        self.batches.append(len(image))
        if len(image) > self._fits:
            raise self._error
        inner = image[:, 0, crop : image.shape[2] - crop, crop : image.shape[3] - crop]
        upper = np.nan_to_num(inner) > 0.5
        count = round(self._wrong * upper[0].size)
        upper.reshape(len(image), -1)[:, :count] ^= True
        return to_steps(np.stack([~upper, upper], axis=1).astype(np.float32))


def candidate(runtime):
    return Candidate(runtime.name, runtime.precision, lambda: runtime)


def windows(count=2, side=40):
    image = np.random.default_rng(0).random((count, 3, side, side), dtype=np.float32)
    return {"optical": image}


def chosen(candidates, allowed=None, images=None):
    lines = []
    reporter = Reporter(lambda event: lines.append((event["level"], event["message"])))
    runtime = fastest(candidates, allowed or candidates, images or windows(), reporter)
    return runtime, lines


REFERENCE = {"seconds": 0.03}


def test_the_fastest_that_gives_the_same_classes_is_chosen_and_said():
    slow, fast, wrong = Fake(**REFERENCE), Fake("openvino", "bf16", 0.004), Fake("torch", "bf16", 0.0, 0.02)
    runtime, lines = chosen([candidate(one) for one in (slow, fast, wrong)])
    assert runtime is fast
    texts = [text for _, text in lines]
    assert any("PyTorch in bf16" in text and "not used" in text for text in texts)


@pytest.mark.parametrize(("wrong", "taken"), [(0.003, True), (0.007, False)])
def test_speed_is_refused_where_it_changes_more_than_half_a_percent_of_the_classes(wrong, taken):
    reference, reduced = Fake(**REFERENCE), Fake("torch", "bf16", 0.0, wrong)
    assert chosen([candidate(reference), candidate(reduced)])[0] is (reduced if taken else reference)


def test_fp32_is_not_tried_where_reduced_precision_is_far_faster_and_right():
    slow, reduced, other = Fake(**REFERENCE), Fake("openvino", "bf16", 0.002), Fake("onnxruntime", "fp32")
    assert chosen([candidate(one) for one in (slow, other, reduced)])[0] is reduced
    assert other.batches == []


def test_fp32_is_tried_where_reduced_precision_changes_the_map():
    slow, reduced, other = Fake(**REFERENCE), Fake("openvino", "bf16", 0.0, 0.3), Fake("onnxruntime", "fp32", 0.01)
    assert chosen([candidate(one) for one in (slow, other, reduced)])[0] is other


def test_pixels_without_data_do_not_count():
    images = windows()
    images["optical"][:, :, :20] = np.nan  # where the wrong pixels are
    reduced = Fake("torch", "bf16", 0.0, 0.4)
    assert chosen([candidate(Fake(**REFERENCE)), candidate(reduced)], images=images)[0] is reduced


def test_a_runtime_that_fails_is_said_and_left_out():
    broken = Fake("openvino", "fp32", fits=0, error=ValueError("no such operator"))
    reference = Fake()
    runtime, lines = chosen([candidate(reference), candidate(broken)])
    assert runtime is reference
    assert any("no such operator" in text for _, text in lines)


def test_what_the_user_pins_is_taken_with_a_warning_if_it_changes_the_map():
    reference, reduced = Fake(), Fake("torch", "bf16", 0.03, 0.05)
    both = [candidate(reference), candidate(reduced)]
    runtime, lines = chosen(both, matching(both, "auto", "bf16"))
    assert runtime is reduced
    assert [text for level, text in lines if level == "warning"] == [
        "PyTorch in bf16 was asked for, but changes 5.0% of the classes."
    ]


def test_a_pin_that_cannot_be_is_named_with_what_can():
    with pytest.raises(EngineError, match=r"OpenVINO in bf16.*PyTorch in fp32"):
        matching([candidate(Fake())], "openvino", "bf16")


@pytest.mark.parametrize(
    "words", ["CUDA out of memory. Tried", "std::bad_alloc", "DefaultCPUAllocator: can't allocate memory"]
)
def test_a_batch_that_does_not_fit_is_halved_until_it_does_and_stays_so(words):
    said = []
    inner = Fake(fits=3, error=RuntimeError(words))
    halving = Halving(inner, said.append)
    images = windows(13)
    assert np.array_equal(halving.steps(images, 4), Fake().steps(images, 4))
    assert said == [
        "The memory is too small for 13 tiles at once; going on with 6.",
        "The memory is too small for 6 tiles at once; going on with 3.",
    ]
    inner.batches.clear()
    halving.steps(images, 4)
    assert max(inner.batches) == 3


def test_a_single_tile_that_does_not_fit_is_an_error_with_advice():
    with pytest.raises(EngineError, match=r"single tile.*smaller tiles"):
        Halving(Fake(fits=0), lambda text: None).steps(windows(2), 4)


def test_other_errors_are_not_taken_for_a_lack_of_memory():
    with pytest.raises(RuntimeError, match="shapes"):
        Halving(Fake(fits=0, error=RuntimeError("shapes do not match")), lambda text: None).steps(windows(2), 4)


@pytest.mark.parametrize("cores", range(1, 65))
def test_lanes_fit_the_cores(cores):
    assert 1 <= lanes_of(cores) <= min(cores, 4)


def test_steps_are_finer_than_any_output():
    assert to_steps(np.array([0, 0.5, 1], np.float32)).tolist() == [0, FULL // 2, FULL]
