"""The parameters of any network in the order in which it uses them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

Stage = list[nn.Parameter]


def stages_of(network: nn.Module, run: Callable[[], Sequence[Tensor]]) -> list[Stage]:
    """Groups a network's parameters by depth, as they were seen to be used.

    Networks name and register their parts in many ways, and some hold parts that a run leaves out. So one is watched.
    Modules whose names are alike up to the first number (`blocks.7`, `layer3.1`) are one stage; layers between two
    stages belong to the later one.

    Afterwards all its parameters take gradients.

    Args:
        network: The network. The networks of a plain `ModuleDict` stand side by side, and are grouped each on its own.
        run: Runs it once and returns what comes out.

    Returns:
        First what the network owns directly and what its results do not depend on, then stage after stage; of networks
        side by side the last stages are together.
    """
    branches = list(network.values()) if type(network) is nn.ModuleDict else [network]
    for parameter in network.parameters():
        parameter.requires_grad_(True)
    used = _watched(network, run)
    found = [_branch(branch, used) for branch in branches]
    longest = max((len(stages) - 1 for stages in found), default=0)
    together: list[Stage] = [[] for _ in range(longest + 1)]
    for stages in found:
        together[0].extend(stages[0])
        for place, stage in enumerate(reversed(stages[1:]), 1):
            together[-place].extend(stage)
    return together


def _watched(network: nn.Module, run: Callable[[], Sequence[Tensor]]) -> dict[nn.Module, int | None]:
    """Runs a network and returns when each of its modules was first used; None for those that change nothing."""
    used: dict[nn.Module, int | None] = {}

    def note(module: nn.Module, *_: object) -> None:
        used.setdefault(module, len(used))

    hooks = [module.register_forward_pre_hook(note) for module in network.modules()]
    try:
        with torch.enable_grad():
            total = torch.stack([result.float().sum() for result in run()]).sum()
    finally:
        for hook in hooks:
            hook.remove()
    parameters = list(network.parameters())
    gradients = torch.autograd.grad(total, parameters, allow_unused=True) if parameters else ()
    idle = {id(p) for p, gradient in zip(parameters, gradients, strict=True) if gradient is None}
    return used | {module: None for module in network.modules() if _is_idle(module, idle)}


def _is_idle(module: nn.Module, idle: set[int]) -> bool:
    own = [id(parameter) for parameter in module.parameters(recurse=False)]
    return bool(own) and idle.issuperset(own)


def _branch(network: nn.Module, used: dict[nn.Module, int | None]) -> list[Stage]:
    modules = dict(network.named_modules())
    times: list[tuple[int, str]] = []
    rest: Stage = []
    for name, module in modules.items():
        if not list(module.parameters(recurse=False)):
            continue
        time = _time(name, modules, used) if name else None
        if time is None:
            rest.extend(module.parameters(recurse=False))
        else:
            times.append((time, name))
    groups: dict[str, list[str]] = {}
    for _, name in sorted(times):
        groups.setdefault(_stage_name(name), []).append(name)
    stages: list[Stage] = []
    single: Stage = []
    for names in groups.values():
        parameters = [parameter for name in names for parameter in modules[name].parameters(recurse=False)]
        if len(names) > 1 and any(map(str.isdigit, names[0].split("."))):
            stages.append(single + parameters)
            single = []
        else:
            single += parameters
    if stages:
        stages[-1] += single
    elif single:
        stages = [single]
    return [rest, *stages]


def _time(name: str, modules: dict[str, nn.Module], used: dict[nn.Module, int | None]) -> int | None:
    """When a module was used, or else the one it is in: some modules only hold weights for their parent."""
    while name:
        if modules[name] in used:
            return used[modules[name]]
        name = name.rpartition(".")[0]
    return None


def _stage_name(name: str) -> str:
    """`blocks.7.attn.qkv` → `blocks.7`, `conv1` → `conv1`."""
    parts = name.split(".")
    number = next((i for i, part in enumerate(parts) if part.isdigit()), None)
    return ".".join(parts[: number + 1]) if number is not None else parts[0]
