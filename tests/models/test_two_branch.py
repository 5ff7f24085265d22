from dataclasses import replace
from typing import ClassVar

import pytest
import segmentation_models_pytorch as smp
import torch
from dated_checks import DATES, DatedChecks, series_card
from landsketch.core.errors import CheckpointError
from landsketch.core.specs import AugmentationSpec
from landsketch.models.augmentation import Augmentation
from landsketch.models.encoders.series_fusion import SeriesFusion
from landsketch.models.encoders.two_branch import TwoBranchFeatures
from landsketch.models.encoders.utae import Utae
from landsketch.models.orientations import ORIENTATIONS, in_orientation
from landsketch.models.segmenter import build_encoder

STEP, MARGIN = 8, 2
SERIES = series_card(3, DATES, "series", step=STEP, margin=MARGIN)
AERIAL = replace(series_card(4, ()), gsd=1.0)
SMALL: dict = {"widths": [16, 32], "decoder": [16, 32], "heads": 4, "inner": 16, "keys": 4}


class TestTwoBranch(DatedChecks):
    architecture: ClassVar = {"name": "two-branch", "encoder": "resnet10t", "depth": 4, "series": SMALL}
    sources = (AERIAL, SERIES)
    tolerance = 1e-3

    def images(self, height, width, batch=1, seed=0):
        generator = torch.Generator().manual_seed(seed)
        size = (height // STEP + 2 * MARGIN, width // STEP + 2 * MARGIN)
        return {
            "optical": torch.rand(batch, 4, height, width, generator=generator) * 3000,
            "series": torch.rand(batch, 9, *size, generator=generator) * 3000,
        }


def small():
    torch.manual_seed(0)
    return TestTwoBranch().build()


def tiles(batch=2, side=64):
    return TestTwoBranch().images(side, side, batch)


def parameters(network):
    return sum(parameter.numel() for parameter in network.parameters())


def test_it_has_as_many_parameters_as_published():
    fusion = SeriesFusion(64, [5, 64, 64, 128, 256, 512])
    utae = Utae(10, (64, 64, 128, 128), (64, 64, 128, 128), out=(32, 13))
    unet = smp.Unet("tu-resnet34", in_channels=5, classes=13, encoder_weights=None)
    counts = [parameters(network) for network in (fusion, utae, unet)]
    assert counts == [525_319, 2_284_199, 24_444_381]
    # The rest of theirs: a fusion with the input that has no effect, and what makes classes of the maps.
    rest = parameters(SeriesFusion(64, [5])) + parameters(utae.last) + parameters(unet.segmentation_head)
    ours = TwoBranchFeatures([series_card(5, ()), series_card(10, DATES, "series", step=32, margin=15)])
    assert parameters(ours) == sum(counts) - rest


def test_every_sample_has_its_own_fusion():
    """In FLAIR's code all samples of a batch got the mean of the first one's series."""
    network, images = small(), tiles()
    changed = images | {"series": torch.cat([images["series"][:1] * 0.3, images["series"][1:]])}
    with torch.inference_mode():
        before, after = network(images)[0], network(changed)[0]
        alone = network({role: image[1:] for role, image in images.items()})[0]
    assert torch.equal(before[1], after[1]) and not torch.allclose(before[0], after[0])
    assert torch.allclose(before[1:], alone, atol=1e-4)


def test_variations_turn_the_image_and_the_series_alike():
    """In FLAIR's code only the aerial image was turned."""
    fine = torch.rand(1, 64, 64)
    coarse = torch.nn.functional.avg_pool2d(torch.nn.functional.pad(fine, (16,) * 4), STEP)
    target = torch.arange(64 * 64).view(64, 64)
    vary, seen = Augmentation(AugmentationSpec(turns=True), (AERIAL, SERIES)), set()
    for seed in range(40):
        torch.manual_seed(seed)
        images, turned, _ = vary(({"optical": fine, "series": coarse}, target, torch.ones(64, 64)))
        inner = images["series"][:, MARGIN:-MARGIN, MARGIN:-MARGIN]
        assert torch.allclose(torch.nn.functional.avg_pool2d(images["optical"], STEP), inner, atol=1e-6)
        seen.add(int(turned[0, 0]) * 4096 + int(turned[0, 1]))
    assert len(seen) == ORIENTATIONS


def test_turning_all_inputs_turns_what_lies_beside_each_other():
    """The part of the fusion that keeps places: maps of the series end where the image's do."""
    fusion = SeriesFusion(3, [3, 3]).eval()
    for layer in fusion.cropped:
        layer.weight.data = torch.eye(3)[:, :, None, None]
        layer.bias.data.zero_()
    for layers in fusion.collapsed:
        layers[-1].weight.data.zero_()
        layers[-1].bias.data.zero_()
    series, known = torch.rand(1, 3, 12, 12), torch.ones(1, 1, 12, 12, dtype=torch.bool)
    for strides, sizes in (((2, 16), (32, 4)), ((8, 4), (8, 16))):
        plain = fusion(series, known, strides, STEP, MARGIN)
        assert [level.shape[-1] for level in plain] == list(sizes)
        for turn in range(ORIENTATIONS):
            again = fusion(in_orientation(series, turn), known, strides, STEP, MARGIN)
            for one, other in zip(plain, again, strict=True):
                assert torch.allclose(in_orientation(one, turn), other, atol=1e-5)
    inner = series[..., MARGIN:-MARGIN, MARGIN:-MARGIN]
    assert torch.equal(fusion(series, known, (8, 8), STEP, MARGIN)[0], inner)


def test_neighbouring_tiles_get_the_same_series_at_their_border():
    fusion = SeriesFusion(3, [4]).eval()
    for layers in fusion.collapsed:
        layers[-1].weight.data.zero_()
    series, known = torch.rand(1, 3, 20, 12), torch.ones(1, 1, 20, 12, dtype=torch.bool)
    (whole,) = fusion(series, known, (2,), STEP, MARGIN)
    (part,) = fusion(series[..., 8:, :], known[..., 8:, :], (2,), STEP, MARGIN)
    assert torch.allclose(whole[..., 8 * STEP // 2 :, :], part, atol=1e-6)


def test_with_weights_of_zero_it_is_the_plain_unet():
    network, images = small(), tiles()
    for parameter in network.fusion.parameters():
        torch.nn.init.zeros_(parameter)
    with torch.inference_mode():
        (fused,) = network(images)
        plain = network.unet.decoder(network.image_levels(images["optical"]))
    assert torch.equal(fused, plain)


def test_without_a_series_it_is_the_plain_unet_sample_by_sample():
    network, images = small(), tiles()
    images["series"][0] = torch.nan
    with torch.inference_mode():
        (fused,) = network(images)
        plain = network.unet.decoder(network.image_levels(images["optical"]))
    assert torch.equal(fused[0], plain[0]) and not torch.allclose(fused[1], plain[1])


def test_an_image_and_a_series_are_needed():
    for sources in ([AERIAL], [SERIES], [AERIAL, replace(AERIAL, role="sar")]):
        with pytest.raises(CheckpointError, match="an optical image and a time stack beside it"):
            TwoBranchFeatures(sources)


def test_tiles_hold_whole_pixels_of_the_series():
    for step in (4, 32, 64):
        entry = {"name": "two-branch", "encoder": "resnet10t", "series": SMALL}
        network = build_encoder({"encoder": entry}, [AERIAL, replace(SERIES, step=step)])
        assert all(side % step == 0 for side in (network.tile, network.halo, network.chip, network.alignment))
