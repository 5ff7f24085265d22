"""SimCLR, Dual-SimCLR and MMA: they learn, do not collapse, and the rate follows its schedule."""

import re
from dataclasses import replace

import pytest
import torch
from landsketch.core.errors import SpecError
from landsketch.models.encoders.pair import PairFeatures, from_published, together
from landsketch.models.pretraining.dual_simclr import DualSimclr, DualSimclrOptions
from landsketch.models.pretraining.losses import Contrast, matching_loss
from landsketch.models.pretraining.method import Schedule, spread
from landsketch.models.pretraining.mma import Mma, MmaOptions
from landsketch.models.pretraining.pooled import pooled
from landsketch.models.pretraining.simclr import Simclr, SimclrOptions, small_batch
from lightly.loss import NTXentLoss
from places import OPTICAL, SAR, SCHEDULE, SMALL, joint_encoder, pair_encoder, places, trained


def simclr(steps=SCHEDULE.steps, **options):
    encoder = joint_encoder()
    torch.manual_seed(1)
    return Simclr(encoder, replace(SCHEDULE, steps=steps), SimclrOptions(dim=32, **options))


METHODS = {
    "simclr": simclr,
    "dual simclr": lambda: DualSimclr(pair_encoder(), SCHEDULE, DualSimclrOptions(dim=32)),
    "dual simclr without heads": lambda: DualSimclr(pair_encoder(), SCHEDULE, DualSimclrOptions(0.2, 0)),
    "mma": lambda: Mma(pair_encoder(), SCHEDULE, MmaOptions(dim=32)),
}


@pytest.mark.parametrize("name", list(METHODS))
def test_loss_falls_and_features_do_not_collapse(name):
    method = METHODS[name]()
    record = trained(method, places())
    start, end = sum(record.losses[:5]), sum(record.losses[-5:])
    assert end < 0.8 * start, f"{start / 5} to {end / 5}"
    assert record.spreads[-1] > 0.3
    without = [n for n, p in method.encoder_module().named_parameters() if p.grad is None]
    assert all(re.search(r"layer[234]", name) for name in without), without  # of no use to the first stage


def test_with_a_memory_small_batches_learn_from_earlier_ones():
    method = simclr(memory=48, steps=60)
    record = trained(method, *[places(6, seed=seed) for seed in range(32)])
    # At first it holds random vectors, from which everything is easily told.
    assert sum(record.losses[-10:]) < 0.8 * sum(record.losses[10:20])
    assert record.spreads[-1] > 0.3
    moved = [
        float((a - b).detach().abs().max())
        for a, b in zip(method.online.parameters(), method.target.parameters(), strict=True)
    ]
    assert 0 < max(moved) < 0.1 and not any(p.requires_grad for p in method.target.parameters())


@pytest.mark.parametrize("name", ["simclr", "dual simclr", "mma"])
def test_windows_with_gaps_give_finite_losses_and_gradients(name):
    method, batch = METHODS[name](), places(6)
    batch["sar"][0] = torch.nan
    batch["optical"][1, :, :, 12:] = torch.nan
    parts, features = method.losses(batch)
    sum(parts.values()).backward()
    assert torch.isfinite(features).all()
    assert all(torch.isfinite(p.grad).all() for p in method.parameters() if p.grad is not None)


@pytest.mark.parametrize("name", ["simclr", "dual simclr", "mma"])
def test_features_of_a_window_do_not_depend_on_the_others_of_its_batch(name):
    encoder, batch = METHODS[name]().encoder_module().eval(), places(4)
    with torch.inference_mode():
        together_ = pooled(encoder, batch)
        alone = pooled(encoder, {role: image[2:3] for role, image in batch.items()})
    assert torch.allclose(together_[2:3], alone, atol=1e-5)


def test_a_collapsed_run_is_seen_in_the_spread():
    class Attracted(Simclr):
        """SimCLR without its negatives."""

        def losses(self, batch):
            draws = self.draws()
            first, second = (self.online(self.views(batch, draws)) for _ in range(2))
            return {"attraction": (1 - torch.cosine_similarity(first, second)).mean()}, first

    torch.manual_seed(1)
    collapsed = trained(Attracted(joint_encoder(), SCHEDULE, SimclrOptions(dim=32)), places())
    assert collapsed.spreads[-1] < 0.15  # that of the others is above 0.3


def test_the_rate_rises_to_its_highest_and_falls_to_zero_update_by_update():
    method = Simclr(joint_encoder(SAR), Schedule(steps=10, rate=1e-3, warm_up=0.3), SimclrOptions(dim=8))
    record = trained(method, *[{"sar": places(4)["sar"]}] * 4)  # an epoch is four steps
    assert record.rates[:3] == pytest.approx([1e-3 / 3, 2e-3 / 3, 1e-3])
    assert all(later <= sooner for sooner, later in zip(record.rates[2:], record.rates[3:], strict=False))
    assert record.rates[-1] < 1e-5
    assert set(record.parts[0]) == {"contrast", "loss", "spread"}


def test_the_same_seed_draws_the_same_views():
    first, again = (trained(simclr(steps=2), places()) for _ in range(2))
    assert first.losses == again.losses


def test_contrast_is_lightlys_whatever_the_precision_around_it():
    first, second = torch.randn(2, 8, 16, generator=torch.Generator().manual_seed(0))
    expected = float(NTXentLoss(0.1)(first, second))
    assert float(Contrast(0.1)(first, second)) == expected
    with torch.autocast("cpu", torch.bfloat16):
        assert float(Contrast(0.1)(first, second)) == expected


def test_contrast_with_a_memory_compares_with_earlier_windows():
    torch.manual_seed(0)
    contrast = Contrast(0.5, memory=4, dim=3)
    first = torch.eye(3).repeat(2, 1)[:4].requires_grad_()
    contrast(first, first)
    assert torch.equal(contrast.memory_bank.bank, first.detach())  # what the next batch is compared with
    logits = torch.cat([torch.ones(4, 1), first @ first.T], dim=1) / 0.5
    expected = torch.nn.functional.cross_entropy(logits, torch.zeros(4, dtype=torch.int64))
    assert float(contrast(first, first).detach()) == pytest.approx(float(expected))


def test_matching_loss():
    assert float(matching_loss(torch.eye(3), 0.1)) == pytest.approx(
        float(torch.log(1 + 2 * torch.exp(torch.tensor(-10.0)))), abs=1e-7
    )
    similarity = torch.rand(5, 5, generator=torch.Generator().manual_seed(0))
    assert float(matching_loss(similarity, 0.1)) == pytest.approx(float(matching_loss(similarity.T, 0.1)))
    assert float(matching_loss(torch.zeros(4, 4), 0.1)) == pytest.approx(float(torch.log(torch.tensor(4.0))))


def test_small_batches_are_warned_of():
    (warning,) = small_batch(8)
    assert "8 are few" in warning and "256" in warning
    assert small_batch(256) == [] and small_batch(8, memory=4096) == []
    assert "memory" not in warning and "memory" in small_batch(8, memory=0)[0]
    assert simclr().warnings(16) and not simclr(memory=512).warnings(16)


def test_pooling_leaves_out_what_has_no_data():
    batch = places(2, side=64)
    half = {role: image.clone() for role, image in batch.items()}
    for image in half.values():
        image[..., 32:] = torch.nan
    encoder = joint_encoder().eval()
    with torch.inference_mode():
        maps = encoder(half)[-1]
        assert torch.allclose(pooled(encoder, half), maps[..., :8].mean(dim=(2, 3)), atol=1e-3)


def test_both_encoders_of_a_pair_take_part_and_nothing_is_augmented():
    method = DualSimclr(pair_encoder(), SCHEDULE, DualSimclrOptions(dim=16)).eval()
    batch = places(4)
    first, again = (float(method.losses(batch)[0]["contrast"]) for _ in range(2))
    assert first == again
    parts, _ = method.losses(batch)
    parts["contrast"].backward()
    for role in ("optical", "sar"):
        gradient = method.encoder.encoders[role].pretrained_part().conv1[0].weight.grad
        assert gradient is not None and gradient.abs().sum() > 0


def test_pretrained_pairs_go_into_the_published_form_and_back():
    method = DualSimclr(pair_encoder(), SCHEDULE, DualSimclrOptions(dim=16))
    weights = method.encoder_module().pretrained_part().state_dict()
    published = {
        name.replace("sar.", "backbone1.", 1).replace("optical.", "backbone2.", 1): tensor
        for name, tensor in weights.items()
    }
    back = together(from_published(published | {"fc.weight": torch.zeros(1)}))
    assert back.keys() == weights.keys()
    assert all(torch.equal(back[name], weights[name]) for name in weights)


def test_one_source_or_unequal_features_without_heads_are_refused():
    one = PairFeatures((SAR,), {"optical": SMALL, "sar": SMALL})
    with pytest.raises(SpecError, match="there is sar only"):
        DualSimclr(one, SCHEDULE, DualSimclrOptions())
    unequal = PairFeatures((OPTICAL, SAR), {"optical": SMALL, "sar": SMALL | {"levels": (1, 2)}})
    with pytest.raises(SpecError, match="optical 64, sar 128"):
        DualSimclr(unequal, SCHEDULE, DualSimclrOptions(0.2, 0))


def test_spread_of_a_batch_of_one_place_is_nothing():
    method = simclr()
    batch = {role: image[:1].repeat(6, 1, 1, 1) for role, image in places(1).items()}
    with torch.inference_mode():
        features = method.eval().online(batch)
    assert float(spread(features)) < 0.01


def test_options_out_of_range_are_refused():
    with pytest.raises(SpecError, match="views is 'wild'"):
        simclr(views="wild")
    with pytest.raises(SpecError, match="temperature is 0"):
        simclr(temperature=0.0)
    with pytest.raises(SpecError, match="temperature is -1"):
        Mma(pair_encoder(), SCHEDULE, MmaOptions(temperature=-1.0))


@pytest.mark.parametrize("name", list(METHODS))
def test_half_precision_gives_nearly_the_same_loss(name):
    method, batch = METHODS[name](), places(6)
    full = float(sum(method.losses(batch)[0].values()).detach())
    with torch.autocast("cpu", torch.bfloat16):
        parts, _ = method.losses(batch)
        sum(parts.values()).backward()
    assert float(sum(parts.values()).detach()) == pytest.approx(full, rel=0.1)
    assert all(torch.isfinite(p.grad).all() for p in method.parameters() if p.grad is not None)
