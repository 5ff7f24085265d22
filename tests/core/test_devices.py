"""Which device is taken, and what is said about the others, on machines that this one is not."""

from pathlib import Path

import pytest
import torch
from landsketch.core import devices, machine, nvidia
from landsketch.core.cgroups import core_limit, memory_limit
from landsketch.core.devices import Device, choose_device, find_devices
from landsketch.core.errors import EngineError
from landsketch.core.jobs import run_job
from landsketch.core.processor import read_memory, read_processor, usable_cores, worker_threads
from landsketch.core.progress import Reporter

GIB = 2**30
BUILT_FOR = ["sm_75", "sm_80", "sm_86", "sm_90", "sm_100", "sm_120"]


@pytest.fixture
def pretend(monkeypatch):
    """Has torch and the system tell of another machine."""

    def pretend(gpus=(), built="12.8", driver=None, error="", present=(), architectures=BUILT_FOR):
        """`gpus` are (name, capability, free GiB or an error); `present` are GPUs that the system knows."""

        def memory(index):
            if isinstance(gpus[index][2], Exception):
                raise gpus[index][2]
            return int(gpus[index][2] * GIB), 24 * GIB

        def start():
            if error:
                raise RuntimeError(error)

        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        monkeypatch.setattr(torch.version, "cuda", built)
        monkeypatch.setattr(torch.backends.cuda, "is_built", lambda: built is not None)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
        monkeypatch.setattr(torch.cuda, "is_available", lambda: bool(gpus))
        monkeypatch.setattr(torch.cuda, "device_count", lambda: len(gpus))
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda index: gpus[index][0])
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda index: gpus[index][1])
        monkeypatch.setattr(torch.cuda, "mem_get_info", memory)
        monkeypatch.setattr(torch.cuda, "get_arch_list", lambda: architectures)
        monkeypatch.setattr(torch.cuda, "init", start)
        monkeypatch.setattr(nvidia, "try_out", lambda index: None)
        monkeypatch.setattr(nvidia, "driver_cuda", lambda: driver)
        monkeypatch.setattr(nvidia, "system_gpus", lambda: present)
        monkeypatch.setattr(nvidia, "driver_version", lambda: "535.10" if driver else "")

    return pretend


def test_without_a_gpu_the_cpu_is_taken_and_this_is_said(pretend):
    pretend(error="Found no NVIDIA driver on your system.")
    device, words = choose_device("auto")
    assert device == torch.device("cpu")
    assert words.startswith("Runs on the CPU (")
    assert "No NVIDIA or Apple GPU was found" in words


@pytest.mark.parametrize(
    ("case", "problem", "remedy"),
    [
        ({"built": None}, "was installed without CUDA", "LANDSKETCH_PYTHON"),
        ({"error": "Found no NVIDIA driver on your system."}, "no NVIDIA driver is installed", "driver 525 or later"),
        ({"driver": 11040}, "535.10, which runs CUDA 11.4, is too old for the CUDA 12.8", "driver 525 or later"),
        ({"driver": 12080, "built": "13.2"}, "is too old for the CUDA 13.2", "driver 580 or later"),
        ({"driver": 12080, "error": "CUDA unknown error.\nmore"}, "CUDA unknown error. ", "Restart"),
    ],
)
def test_a_gpu_that_torch_does_not_see_is_named_with_what_to_do(pretend, case, problem, remedy):
    pretend(present=("NVIDIA RTX A2000",), **case)
    device, words = choose_device("auto")
    assert device == torch.device("cpu")
    assert "NVIDIA RTX A2000 cannot be used: " in words
    assert problem in words
    assert remedy in words
    with pytest.raises(EngineError, match="NVIDIA RTX A2000"):
        choose_device("cuda")


def test_a_variable_that_hides_the_gpu_is_named(pretend, monkeypatch):
    pretend(present=("NVIDIA RTX A2000",), driver=12080, error="No CUDA GPUs are available")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert "CUDA_VISIBLE_DEVICES is '-1'" in choose_device("auto")[1]


@pytest.mark.parametrize(
    ("capability", "architectures", "problem"),
    [
        ((6, 1), BUILT_FOR, "too old: its compute capability is 6.1"),
        ((13, 0), BUILT_FOR, "too new"),
        ((9, 0), ["sm_80", "sm_100a"], "too new"),
        ((10, 3), ["sm_100a"], "too new"),
    ],
)
def test_a_gpu_that_this_torch_has_no_code_for_is_left_alone(pretend, capability, architectures, problem):
    pretend([("GPU X", capability, 20)], architectures=architectures, driver=12080)
    device, words = choose_device("auto")
    assert device == torch.device("cpu")
    assert problem in words
    with pytest.raises(EngineError, match=r"GPU X \(cuda:0\): it is too"):
        choose_device("cuda")


@pytest.mark.parametrize(
    ("capability", "architectures"),
    [
        ((8, 9), BUILT_FOR),
        ((13, 0), ["sm_90", "compute_120"]),
        ((9, 0), ["sm_90a"]),
        ((10, 3), ["sm_100f"]),
        ((9, 0), ["gfx90a"]),  # ROCm
        ((9, 0), []),
    ],
)
def test_a_gpu_that_this_torch_has_code_for_is_taken(pretend, capability, architectures):
    pretend([("GPU X", capability, 20)], architectures=architectures, driver=12080)
    device, words = choose_device("auto")
    assert device == torch.device("cuda:0")
    assert words == "Runs on GPU X (cuda:0), 20.0 of 24.0 GiB free."


@pytest.mark.parametrize("wanted", ["auto", "cuda"])
def test_of_two_gpus_the_one_with_more_free_memory_is_taken(pretend, wanted):
    pretend([("GPU X", (8, 6), 3), ("GPU X", (8, 6), 20)], driver=12080)
    device, words = choose_device(wanted)
    assert device == torch.device("cuda:1")
    assert "GPU X (cuda:1), 20.0 of 24.0 GiB free." in words
    assert "GPU X (cuda:0) has less free memory." in words


def test_a_gpu_that_does_not_answer_is_passed_over(pretend):
    pretend([("GPU X", (8, 6), RuntimeError("CUDA error: busy\nmore")), ("GPU Y", (8, 6), 1)], driver=12080)
    device, words = choose_device("auto")
    assert device == torch.device("cuda:1")
    assert "GPU X (cuda:0) cannot be used: it does not answer (CUDA error: busy)." in words


def test_a_gpu_that_cannot_compute_one_sum_is_passed_over(pretend, monkeypatch):
    pretend([("GPU X", (8, 6), 20)], driver=12080)

    def fail(index):
        raise RuntimeError("no kernel image is available")

    monkeypatch.setattr(nvidia, "try_out", fail)
    device, words = choose_device("auto")
    assert device == torch.device("cpu")
    assert "no kernel image is available" in words


def test_who_asks_for_the_cpu_gets_it_and_no_driver_is_started(pretend, monkeypatch):
    pretend([("GPU X", (8, 6), 20)], driver=12080)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: pytest.fail("the GPU was looked at"))
    device, words = choose_device("cpu")
    assert device == torch.device("cpu")
    assert words.endswith("as asked.")


def test_an_apple_gpu_is_taken(pretend, monkeypatch):
    pretend(error="Found no NVIDIA driver on your system.")
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    monkeypatch.setattr(torch.mps, "recommended_max_memory", lambda: 10 * GIB)
    assert choose_device("auto") == (torch.device("mps"), "Runs on Apple GPU, 10.0 GiB.")


@pytest.mark.parametrize(("wanted", "maker"), [("cuda", "NVIDIA"), ("mps", "Apple")])
def test_a_device_that_is_not_there_is_refused(pretend, wanted, maker):
    pretend(error="Found no NVIDIA driver on your system.")
    with pytest.raises(EngineError, match=f"'{wanted}' cannot be used: no {maker} GPU was found"):
        choose_device(wanted)


def test_a_probe_that_fails_becomes_a_sentence(pretend, monkeypatch):
    pretend()

    def fail(*arguments):
        raise OSError("out of order")

    monkeypatch.setattr(torch.cuda, "is_available", fail)
    monkeypatch.setattr(devices, "read_processor", fail)
    monkeypatch.setattr(machine, "read_processor", fail)
    monkeypatch.setitem(machine._RUNTIMES, "onnxruntime", fail)
    report = machine.describe()
    assert [device["kind"] for device in report["devices"]] == ["cuda", "cpu"]
    assert "looking at it failed (out of order)" in report["summary"]
    assert report["problems"] == ["Looking at the processor failed: out of order."]
    assert "onnxruntime: Does not start: out of order." in report["text"]


def test_every_device_is_reported_with_the_reason(pretend):
    pretend(
        [("GPU X", (8, 6), 3), ("GPU Y", (5, 2), 11), ("GPU Z", (8, 6), 20)], driver=12080, present=("never asked",)
    )
    report = machine.describe()
    why = {device["id"]: device["why"] for device in report["devices"]}
    assert report["device"] == "cuda:2"
    assert [device["id"] for device in report["devices"] if device["taken"]] == ["cuda:2"]
    assert [device["runs"] for device in report["devices"]] == [True, False, True, True]
    assert why["cuda:0"] == "Can be used; GPU Z (cuda:2) has more free memory."
    assert why["cuda:1"].startswith("Cannot be used: it is too old")
    assert why["cpu"] == "Can be used; GPU Z is faster."
    assert all(reason in report["text"] for reason in why.values())


def test_the_job_describes_this_machine():
    report = run_job("inspect", {}, Reporter())
    assert report["devices"][-1]["id"] == "cpu"
    assert report["devices"][-1]["memory_total"] > GIB
    versions = {entry["name"]: entry["version"] for entry in report["runtimes"]}
    assert versions["torch"] == torch.__version__
    assert report["summary"] in report["text"]
    assert report["processor"]["usable"] == worker_threads(0)


def test_this_machines_gpu_is_found_as_torch_finds_it():
    """Holds with a GPU and without; with one, nothing above is pretended."""
    usable = [device for device in find_devices() if device.kind == "cuda" and not device.problem]
    assert bool(usable) == torch.cuda.is_available()
    assert choose_device("auto")[0].type == (usable[0].kind if usable else choose_device("auto")[0].type)


# --- What the system tells --------------------------------------------------------------------------------------------


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_gpus_are_found_with_a_driver_and_without(tmp_path):
    def card(slot, vendor, kind):
        return {
            f"sys/bus/pci/devices/{slot}/{name}": f"{value}\n"
            for name, value in (("vendor", vendor), ("class", kind), ("device", "0x2684"))
        }

    sound, gpu, other = (
        card("01:00.1", "0x10de", "0x040300"),
        card("01:00.0", "0x10de", "0x030000"),
        card("02:00.0", "0x8086", "0x030000"),
    )
    assert nvidia.system_gpus(write(tmp_path, {**sound, **other})) == ()
    assert nvidia.system_gpus(write(tmp_path, gpu)) == ("NVIDIA GPU (0x2684)",)
    model = {"proc/driver/nvidia/gpus/0000:01:00.0/information": "Model: \t\t NVIDIA L4\nIRQ: 1\n"}
    assert nvidia.system_gpus(write(tmp_path, model)) == ("NVIDIA L4",)


def test_the_second_generation_of_groups_limits_cores_and_memory(tmp_path):
    group = "sys/fs/cgroup/user.slice/job"
    root = write(
        tmp_path,
        {
            "proc/self/cgroup": "0::/user.slice/job\n",
            "sys/fs/cgroup/cpu.max": "max 100000\n",
            f"{group}/cpu.max": "max 100000\n",
            "sys/fs/cgroup/user.slice/cpu.max": "150000 100000\n",
            f"{group}/memory.max": f"{8 * GIB}\n",
            f"{group}/memory.current": f"{5 * GIB}\n",
            f"{group}/memory.stat": f"anon 1\ninactive_file {2 * GIB}\n",
            "sys/fs/cgroup/user.slice/memory.max": "max\n",
            "proc/meminfo": f"MemTotal: {64 * GIB // 1024} kB\nMemAvailable: {60 * GIB // 1024} kB\n",
        },
    )
    assert core_limit(root) == 1.5
    assert usable_cores(root) == 1
    assert read_memory(root) == (8 * GIB, 5 * GIB)


def test_the_first_generation_of_groups_limits_cores_and_memory(tmp_path):
    cpu, memory = "sys/fs/cgroup/cpu", "sys/fs/cgroup/memory"
    root = write(
        tmp_path,
        {
            # As in a container: the paths are the host's.
            "proc/self/cgroup": "5:cpu,cpuacct:/docker/1f\n4:memory:/docker/1f\n",
            f"{cpu}/cpu.cfs_quota_us": "50000\n",
            f"{cpu}/cpu.cfs_period_us": "100000\n",
            f"{memory}/memory.limit_in_bytes": f"{4 * GIB}\n",
            f"{memory}/memory.usage_in_bytes": f"{GIB}\n",
        },
    )
    assert core_limit(root) == 0.5
    assert usable_cores(root) == 1
    limit = memory_limit(root)
    assert limit is not None
    assert (limit.total, limit.free) == (4 * GIB, 3 * GIB)


def test_without_groups_nothing_is_limited(tmp_path):
    assert core_limit(tmp_path) is None
    assert memory_limit(tmp_path) is None
    unlimited = {
        "proc/self/cgroup": "1:cpu:/\n0::/\nodd\n",
        "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
        "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
    }
    assert core_limit(write(tmp_path, unlimited)) is None


@pytest.mark.parametrize(("limit", "threads"), [(0, 6), (4, 4), (99, 6), (-1, 6)])
def test_threads_are_as_many_as_cores_up_to_the_users_limit(monkeypatch, limit, threads):
    monkeypatch.setattr("landsketch.core.processor.usable_cores", lambda: 6)
    assert worker_threads(limit) == threads


def test_the_instruction_sets_are_read_off_linux(tmp_path):
    intel = "processor: 0\nmodel name\t: Intel(R)  Xeon(R)\nflags\t: fpu avx2 avx512f amx_bf16\n\nprocessor: 1\n"
    siblings = {
        f"sys/devices/system/cpu/cpu{i}/topology/thread_siblings_list": f"{i % 2},{i % 2 + 2}" for i in range(4)
    }
    processor = read_processor(write(tmp_path, {"proc/cpuinfo": intel, **siblings}))
    assert processor.name == "Intel(R) Xeon(R)"
    assert processor.physical == 2
    assert processor.instructions == {"AVX2": True, "AVX-512": True, "AVX512-BF16": False, "AMX-BF16": True}


def test_where_linux_does_not_tell_torch_is_asked(tmp_path, monkeypatch):
    told = {"cpu_name": "Some chip", "num_physical_cores": 3, "avx2": True, "amx_bf16": False}
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: told, raising=False)
    processor = read_processor(tmp_path)
    assert (processor.name, processor.physical) == ("Some chip", 3)
    assert processor.instructions == {"AVX2": True, "AMX-BF16": False}


def test_memory_in_words():
    assert Device("cpu", "cpu", "X", 24 * GIB, 12 * GIB).memory == "12.0 of 24.0 GiB free"
    assert Device("mps", "mps", "X", 24 * GIB).memory == "24.0 GiB"
    assert Device("cpu", "cpu", "X").memory == ""
