"""Which device computes, and why."""

from __future__ import annotations

import os

import torch

from .errors import EngineError


def choose_device(wanted: str) -> tuple[torch.device, str]:
    """Returns the device for `auto`, `cpu`, `cuda` or `mps`, and a sentence that says which and why.

    Raises:
        EngineError: If the wanted device is not there.
    """
    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    if wanted == "cuda" and not cuda:
        raise EngineError(f"No CUDA device can be used: {_why_no_cuda()}.", "Choose the device 'auto' or 'cpu'.")
    if wanted == "mps" and not mps:
        raise EngineError("No Apple GPU can be used on this machine.", "Choose the device 'auto' or 'cpu'.")
    if wanted == "cuda" or (wanted == "auto" and cuda):
        free, total = torch.cuda.mem_get_info()
        name = torch.cuda.get_device_name()
        return torch.device("cuda"), f"Runs on {name}, {free / 2**30:.1f} of {total / 2**30:.1f} GiB free."
    if wanted == "mps" or (wanted == "auto" and mps):
        return torch.device("mps"), "Runs on the Apple GPU."
    reason = "as asked" if wanted == "cpu" else _why_no_cuda()
    return torch.device("cpu"), f"Runs on the CPU with {torch.get_num_threads()} of {os.cpu_count()} cores ({reason})."


def _why_no_cuda() -> str:
    if not torch.backends.cuda.is_built():
        return "PyTorch was installed without CUDA"
    return "no NVIDIA GPU with a working driver was found"
