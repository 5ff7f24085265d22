"""GCC-RS: clusters come out, neighbours are found, and the translator keeps what is where."""

from dataclasses import replace
from itertools import permutations

import pytest
import torch
from landsketch.core.errors import SpecError
from landsketch.models.pretraining.gcc_rs import GccRs, GccRsOptions
from landsketch.models.pretraining.method import Schedule
from landsketch.models.pretraining.neighbours import Neighbours
from landsketch.models.pretraining.translator import (
    SarLike,
    Translator,
    TranslatorOptions,
    averaged_difference,
    discriminator,
)
from places import MIXTURES, OPTICAL, SAR, SCHEDULE, joint_encoder, pair_encoder, places, trained

OPTIONS = GccRsOptions(clusters=3, dim=32, neighbours=3, memory=48)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def three_kinds(count=15, seed=0):
    """Draws places of three kinds; returns them and their kinds (place,)."""
    kinds = torch.arange(count) % 3
    batch = places(count, seed=seed)
    for source in (OPTICAL, SAR):
        scale = torch.tensor(source.normalisation.scale).view(1, -1, 1, 1)
        ground = 0.6 * torch.eye(3)[kinds] @ MIXTURES[source.role].T
        offset = torch.tensor(source.normalisation.offset).view(1, -1, 1, 1)
        batch[source.role] = (batch[source.role] - offset) * 0.3 + ground[:, :, None, None] * scale + offset
    return batch, kinds


def gcc_rs(schedule=SCHEDULE, options=OPTIONS):
    torch.manual_seed(1)
    return GccRs(pair_encoder(), schedule, options)


def test_loss_falls_clusters_are_the_kinds_and_features_do_not_collapse():
    batches = [three_kinds(seed=seed)[0] for seed in range(2)]
    method = gcc_rs(Schedule(steps=60, rate=3e-3))
    record = trained(method, *batches)
    with_all = [sum(parts["loss"] for parts in record.parts[start : start + 5]) for start in (4, 55)]
    assert with_all[1] < 0.9 * with_all[0]
    assert set(record.parts[-1]) == {"instances", "optical aid", "clusters", "neighbours", "loss", "spread"}
    assert record.spreads[-1] > 0.3
    images, kinds = three_kinds(60, seed=9)
    with torch.inference_mode():
        found = method.eval().assignment(images).argmax(dim=1)
    right = max((torch.tensor(names)[found] == kinds).float().mean() for names in permutations(range(3)))
    assert right > 0.85


def test_neighbours_count_from_the_second_epoch_on():
    method = gcc_rs(Schedule(steps=4, rate=1e-3))
    record = trained(method, *[places(12, seed=seed) for seed in range(2)])  # an epoch is two steps
    assert ["neighbours" in parts for parts in record.parts][:2] == [False, False]
    assert "neighbours" in record.parts[2]
    assert method.neighbours.filled.tolist() == [24, 0]


def test_picked_neighbours_are_near():
    memory = Neighbours(64, 8, count=3)
    centres = torch.nn.functional.normalize(torch.randn(4, 8, generator=seeded()), dim=1)
    kinds = torch.arange(64) % 4
    features = centres[kinds] + 0.05 * torch.randn(64, 8, generator=seeded(1))
    assert memory.pick(features, seeded()) is None
    memory.remember(features)
    assert memory.pick(features, seeded()) is None  # still being collected
    memory.refresh()
    picked = memory.pick(5 * centres, seeded())  # only the direction counts
    assert (picked - centres).norm(dim=1).max() < 0.5
    draws = [memory.pick(centres[:1], seeded(seed)) for seed in range(30)]
    assert len({tuple(draw[0].tolist()) for draw in draws}) == 3


def test_a_full_memory_is_exchanged_without_an_end_of_the_epoch():
    memory = Neighbours(8, 2, count=1)
    for value in range(1, 6):
        memory.remember(torch.full((3, 2), float(value)))
    assert memory.filled.tolist() == [6, 3]
    assert memory.searched[:6, 0].tolist() == [3, 3, 3, 4, 4, 4]
    memory.remember(torch.full((20, 2), 9.0))  # more than it holds
    assert memory.pick(torch.ones(1, 2), seeded()).tolist() == [[9, 9]]


def test_the_memory_is_part_of_a_saved_training():
    method, again = gcc_rs(), gcc_rs()
    method.losses(places(12))
    method.on_train_epoch_end()
    again.load_state_dict(method.state_dict())
    assert again.neighbours.filled.tolist() == [12, 0]
    assert torch.equal(again.neighbours.searched, method.neighbours.searched)


def test_names_of_clusters_do_not_matter():
    method, batch = gcc_rs().eval(), places(12)
    before = method.losses(batch)[0]["clusters"].detach()
    order = torch.tensor([2, 0, 1])
    with torch.no_grad():
        for head in method.assignments.values():
            last = head.layers[-1]
            last.weight.copy_(last.weight[order])
            last.bias.copy_(last.bias[order])
    assert float(method.losses(batch)[0]["clusters"].detach()) == pytest.approx(float(before), abs=1e-5)


def test_more_clusters_than_windows_and_gaps_give_finite_losses_and_gradients():
    method, batch = gcc_rs(options=GccRsOptions(clusters=20, dim=8, memory=16, neighbours=2)), places(6)
    batch["sar"][0] = torch.nan
    batch["optical"][1, :, :, 12:] = torch.nan
    for _ in range(2):
        parts, _ = method.losses(batch)
        sum(parts.values()).backward()
        method.on_train_epoch_end()
    assert "neighbours" in parts and all(torch.isfinite(part) for part in parts.values())
    assert all(torch.isfinite(p.grad).all() for p in method.parameters() if p.grad is not None)


def test_half_precision_gives_nearly_the_same_loss():
    method, batch = gcc_rs(), places(12)
    full = float(sum(method.losses(batch)[0].values()).detach())
    method.on_train_epoch_end()
    with torch.autocast("cpu", torch.bfloat16):
        parts, _ = method.losses(batch)
        sum(parts.values()).backward()
    neighbours = float(parts.pop("neighbours").detach())
    assert 0 < neighbours < 3
    assert float(sum(parts.values()).detach()) == pytest.approx(full, rel=0.1)


def test_encoders_and_options_that_do_not_fit_are_refused():
    with pytest.raises(SpecError, match=r"needs a pair of encoders.*optical and sar together"):
        GccRs(joint_encoder(), SCHEDULE, OPTIONS)
    with pytest.raises(SpecError, match="needs an encoder of SAR images"):
        GccRs(joint_encoder(), SCHEDULE, OPTIONS, SarLike((OPTICAL, SAR), 8))
    with pytest.raises(SpecError, match="clusters, neighbours and memory are 1, 3 and 48"):
        gcc_rs(options=replace(OPTIONS, clusters=1))
    with pytest.raises(SpecError, match="sar is missing"):
        SarLike((OPTICAL,), 8)


def translator(**options):
    torch.manual_seed(0)
    return Translator((OPTICAL, SAR), TranslatorOptions(width=8, rate=2e-3, **options))


def test_the_translator_keeps_what_is_where():
    task = translator()
    start = {name: tensor.clone() for name, tensor in task.state_dict().items()}
    batches = [places(12, seed=seed) for seed in range(4)]
    record = trained(task, *batches, steps=120)  # of both optimisers: 60 batches
    assert len(record.parts) == 60
    likeness = [parts["likeness"] for parts in record.parts]
    assert sum(likeness[-5:]) < 0.3 * sum(likeness[:5])
    assert all(any(not torch.equal(start[n], t) for n, t in task.state_dict().items() if n.startswith(part))
               for part in ("network.generator.", "critic."))  # fmt: skip
    other = places(12, seed=8)
    with torch.inference_mode():
        made = task.network.eval()(other)
    means = torch.stack([made.mean(dim=(2, 3)), other["sar"].mean(dim=(2, 3))])
    for band in range(2):
        assert torch.corrcoef(means[:, :, band])[0, 1] > 0.8


def test_the_discriminator_teaches_without_being_taught_by_the_generator():
    task, real = translator(), torch.rand(4, 2, 32, 32, generator=seeded())
    made = torch.rand(4, 2, 32, 32, generator=seeded(1), requires_grad=True)
    valid = torch.ones(4, 1, 32, 32, dtype=torch.bool)
    task.difference(real, made.detach()).backward()
    assert made.grad is None and all(p.grad is not None for p in task.critic.parameters())
    sum(task.losses(real, made, valid).values()).backward()
    assert made.grad.abs().sum() > 0


def test_the_discriminator_sees_patches_of_34_pixels():
    critic = discriminator(1, 4).eval()
    image = torch.zeros(1, 1, 96, 96, requires_grad=True)
    verdict = critic(image)
    verdict[0, 0, verdict.shape[2] // 2, verdict.shape[3] // 2].backward()
    rows = image.grad[0, 0].abs().sum(dim=1).nonzero().flatten()
    assert int(rows.max() - rows.min()) + 1 == 34


def test_the_difference_is_of_averages_with_data():
    real = torch.zeros(1, 1, 16, 16)
    fine = torch.tensor([1.0, -1.0]).repeat(8).expand(1, 1, 16, 16)
    everywhere = torch.ones(1, 1, 16, 16, dtype=torch.bool)
    assert float(averaged_difference(real, fine, everywhere, 8)) == pytest.approx(0)
    assert float(averaged_difference(real, real + 0.5, everywhere, 8)) == pytest.approx(0.5)
    half = everywhere.clone()
    half[..., 4:] = False
    made = torch.where(half, real + 0.5, real + 100)
    assert float(averaged_difference(real, made, half, 8)) == pytest.approx(0.5)
    assert float(averaged_difference(real, made, ~everywhere, 8)) == 0


def test_a_translated_image_has_the_gaps_of_the_optical_one_and_values_of_sar():
    batch = places(3)
    batch["optical"][0, 1, :5] = torch.nan
    made = SarLike((OPTICAL, SAR), 8).eval()(batch)
    assert made[0, :, :5].isnan().all() and not made[0, :, 5:].isnan().any() and not made[1:].isnan().any()
    valid = made[1:]
    low = torch.tensor(SAR.normalisation.offset).view(1, 2, 1, 1)
    assert (valid >= low).all() and (valid <= low + 30).all()


def test_with_a_translator_one_encoder_sees_both_and_the_translator_stays_as_it_is():
    torch.manual_seed(0)
    network = SarLike((OPTICAL, SAR), 8)
    with torch.no_grad():
        network(places(12))  # in training: its norms have seen something
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    method = GccRs(joint_encoder(SAR), Schedule(steps=4, rate=1e-3), OPTIONS, network)
    record = trained(method, places(12))
    assert {"instances", "optical aid", "clusters"} <= set(record.parts[-1])
    assert all(torch.equal(before[name], tensor) for name, tensor in network.state_dict().items())
    parts, _ = method.losses(places(12))
    parts["optical aid"].backward()
    assert method.encoder.pretrained_part().conv1[0].weight.grad.abs().sum() > 0
