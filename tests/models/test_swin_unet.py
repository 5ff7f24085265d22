"""The decoder of Swin-Unet against what the seeds say of it."""

from dataclasses import replace

import pytest
import torch
from landsketch.core.cards import Normalisation
from landsketch.core.errors import CheckpointError
from landsketch.models.decoders.patch_expand import PatchExpand, PixelClassifier
from landsketch.models.decoders.swin_unet import STRIDES, DualSwinHead, SwinDecoder, SwinUNetHead
from landsketch.models.encoders.swin import SWINS
from landsketch.models.segmenter import Segmenter, build_encoder
from small_networks import LEVELS, MIRROR, SWIN, pair
from support import PLAIN, RADAR
from torch import nn
from torch.nn import functional as F

TINY = SWINS["swin-tiny"] | LEVELS
S1 = RADAR
S2 = PLAIN


def parameters(module):
    return sum(parameter.numel() for parameter in module.parameters())


def test_expanding_puts_four_elements_in_rows_from_the_upper_left_one():
    expand = PatchExpand(1, 4)
    expand.norm = nn.Identity()
    with torch.no_grad():  # channel 0 of the fine map counts its place in the square, channel 1 is the coarse element
        expand.expand.weight.zero_()
        for place in range(4):
            expand.expand.weight[4 * place : 4 * place + 2, 0] = torch.tensor([place, 1.0])
    coarse = torch.arange(1.0, 7).view(1, 2, 3, 1)
    fine = expand(coarse)[0]
    assert fine.shape == (4, 6, 4)
    for row in range(4):
        for column in range(6):
            value = coarse[0, row // 2, column // 2, 0]
            assert fine[row, column, 1] == value
            assert fine[row, column, 0] == value * (2 * (row % 2) + column % 2)


def test_expanding_halves_channels_and_doubles_sides():
    assert PatchExpand(768, 384)(torch.rand(2, 7, 9, 768)).shape == (2, 14, 18, 384)


def test_pixels_are_classified_as_on_a_map_of_all_channels_at_full_resolution():
    torch.manual_seed(0)
    pixels, coarse = PixelClassifier(6, 3), torch.randn(2, 3, 5, 6)
    parts = pixels.expand(coarse).view(2, 3, 5, 4, 4, 6)
    full = pixels.norm(parts.permute(0, 1, 3, 2, 4, 5).reshape(2, 12, 20, 6))
    assert torch.allclose(pixels(coarse), pixels.classify(full).permute(0, 3, 1, 2), atol=1e-5)


def test_the_encoders_maps_and_the_logits_have_the_sizes_of_the_seed():
    encoder = build_encoder({"encoder": TINY}, (S1,)).eval()
    blocks = encoder.blocks
    head = SwinUNetHead(encoder.channels, encoder.strides, 0, 4, blocks.depths[:-1], blocks.heads[:-1], blocks.window)
    image = {"sar": torch.rand(1, 2, 224, 224) * -20}
    with torch.inference_mode():
        maps = encoder(image)
        logits = Segmenter(encoder, None, head.eval())(image)
    assert [tuple(m.shape[1:]) for m in maps] == [(96, 56, 56), (192, 28, 28), (384, 14, 14), (768, 7, 7)]
    assert logits.shape == (1, 4, 224, 224)


def test_an_untrained_network_sees_the_same_whatever_scaling_its_values_come_in():
    image = {"sar": torch.rand(1, 2, 64, 64) * -20 - 2}
    scalings = [
        Normalisation("z-score", (-12.0,) * 2, (6.0,) * 2),
        Normalisation("2-sigma", (-24.0,) * 2, (24.0,) * 2),
        Normalisation("3-sigma", (-30.0,) * 2, (36.0,) * 2, (0.0, 1.0)),
    ]
    features = []
    for scaling in scalings:
        torch.manual_seed(0)
        encoder = build_encoder({"encoder": SWIN}, (replace(S1, normalisation=scaling),)).eval()
        with torch.inference_mode():
            features.append(encoder(image)[0])
    assert features[0].std() > 0.1
    assert all(torch.allclose(features[0], other, atol=1e-4) for other in features[1:])


def test_parameters_are_those_of_the_seed_without_the_dead_ones():
    thirteen = replace(S2, bands=tuple(f"b{i}" for i in range(13)))
    encoders = [build_encoder({"encoder": TINY}, (source,)) for source in (S1, thirteen)]
    assert [parameters(encoder.pretrained_part()) for encoder in encoders] == [27_517_818, 27_534_714]
    blocks = encoders[0].blocks
    assert (blocks.depths, blocks.heads, blocks.window) == ((2, 2, 6, 2), (3, 6, 12, 24), 7)
    mirror = blocks.depths[:-1], blocks.heads[:-1], blocks.window
    # A decoder: three expansions, three joins, ten blocks, a norm.
    assert parameters(SwinDecoder((96, 192, 384, 768), *mirror)) == 13_712_970
    twice = tuple(2 * count for count in encoders[0].channels)
    head = DualSwinHead(twice, STRIDES, 0, 8, *mirror)
    # 2 × 192 → 16 × 192 weights of the expansion, its norm, and 192 → 8 weights of the classes.
    assert parameters(head) == 2 * 13_712_970 + 192 * 16 * 192 + 2 * 192 + 192 * 8
    whole = sum(map(parameters, encoders)) + parameters(head)
    assert whole == 83_070_216  # the public class: 138.7 million, of which 55.0 million and an expansion are dead


def test_two_decoders_meet_at_a_quarter_of_the_resolution():
    network = Segmenter(
        build_encoder({"encoder": pair(SWIN)}, (S1, S2)),
        None,
        DualSwinHead((16, 32, 64, 128), STRIDES, 0, 3, **MIRROR),
    )
    seen = []
    network.head.pixels.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].shape))
    with torch.inference_mode():
        network({"sar": torch.rand(1, 2, 64, 96), "optical": torch.rand(1, 10, 64, 96)})
    assert seen == [(1, 16, 24, 16)]


@pytest.mark.parametrize("fusion", ["concat", "gated"])
def test_swapped_encoders_with_mirrored_weights_give_the_same_logits(fusion):
    torch.manual_seed(0)
    head = SwinUNetHead((16, 32, 64, 128), STRIDES, 0, 3, **MIRROR, fusion=fusion).eval()
    sar, optical = ([torch.randn(1, 8 * 2**i, 16 // 2**i, 16 // 2**i) for i in range(4)] for _ in range(2))
    one, other = ([torch.cat(maps, dim=1) for maps in zip(*order)] for order in ((sar, optical), (optical, sar)))
    with torch.inference_mode():
        # Untrained, a fusion is the mean: mirrored already.
        assert torch.allclose(head(one, None), head(other, None), atol=1e-5)


def test_swapped_decoders_of_a_dual_swin_with_mirrored_weights_give_the_same_logits():
    torch.manual_seed(0)
    head = DualSwinHead((16, 32, 64, 128), STRIDES, 0, 3, **MIRROR).eval()
    mirrored = DualSwinHead((16, 32, 64, 128), STRIDES, 0, 3, **MIRROR).eval()
    with torch.no_grad():
        for one, other in ((0, 1), (1, 0)):
            mirrored.decoders[one].load_state_dict(head.decoders[other].state_dict())
        expand = head.pixels.expand.weight
        mirrored.pixels.load_state_dict(head.pixels.state_dict())
        mirrored.pixels.expand.weight.copy_(torch.cat([expand[:, 8:], expand[:, :8]], dim=1))
    sar, optical = ([torch.randn(1, 8 * 2**i, 16 // 2**i, 16 // 2**i) for i in range(4)] for _ in range(2))
    one, other = ([torch.cat(maps, dim=1) for maps in zip(*order)] for order in ((sar, optical), (optical, sar)))
    with torch.inference_mode():
        assert torch.allclose(head(one, None), mirrored(other, None), atol=1e-5)


def test_where_one_image_has_no_data_the_others_features_stand_in():
    encoder = build_encoder({"encoder": pair(SWIN)}, (S1, S2)).eval()
    images = {"sar": torch.rand(1, 2, 64, 64) * -20, "optical": torch.rand(1, 10, 64, 64) * 3000}
    images["sar"][..., :32] = torch.nan
    with torch.inference_mode():
        for features in encoder(images):
            sar, optical = features.chunk(2, dim=1)
            half = features.shape[-1] // 2
            assert torch.equal(sar[..., :half], optical[..., :half])
            assert not torch.allclose(sar[..., half:], optical[..., half:], atol=1e-3)


def test_labels_outside_of_the_classes_teach_nothing():
    torch.manual_seed(0)
    head = SwinUNetHead((8, 16, 32, 64), STRIDES, 0, 3, **MIRROR)
    maps = [torch.randn(1, 8 * 2**i, 16 // 2**i, 16 // 2**i) for i in range(4)]
    logits = head(maps, None)
    logits.retain_grad()
    target = torch.full((1, 64, 64), -1)
    target[0, 10, 20] = 2
    F.cross_entropy(logits, target, ignore_index=-1).backward()
    taught = logits.grad.abs().sum(dim=1)[0]
    assert taught[10, 20] > 0 and (taught > 0).sum() == 1


def test_maps_of_other_resolutions_are_refused():
    with pytest.raises(CheckpointError, match="maps of 4, 8, 16, 32 pixels"):
        SwinUNetHead((8, 16, 32), (4, 8, 16), 0, 3, **MIRROR)
    with pytest.raises(CheckpointError, match="2 encoders alike"):
        DualSwinHead((9, 17, 33, 65), STRIDES, 0, 3, **MIRROR)


def test_two_encoders_that_differ_are_refused():
    mixed = pair(SWIN) | {"encoders": {"sar": SWIN, "optical": SWIN | {"embed_dim": 16}}}
    with pytest.raises(CheckpointError, match="two encoders that are alike"):
        build_encoder({"encoder": mixed}, (S1, S2))
