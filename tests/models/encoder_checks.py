"""Claims that hold for every encoder; each encoder's tests say them of theirs in a subclass of `EncoderChecks`."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
import torch
from landsketch.core.card_files import read_card
from landsketch.core.cards import Card, SourceCard
from landsketch.models.checkpoints import fill, load_weights, save_checkpoint
from landsketch.models.encoders.encoder import Encoder
from landsketch.models.encoders.windows import WindowedEncoder
from landsketch.models.heads import LinearHead
from landsketch.models.onnx_export import ExportError, onnx_bytes
from landsketch.models.segmenter import Segmenter, build_encoder


class EncoderChecks:
    """Base of a test class for one encoder, which states `architecture` and `sources`; small networks are enough.

    Attributes:
        architecture: The card's `architecture["encoder"]` entry: name and arguments.
        sources: What it reads of a scene, as an encoder gets it: with bands, and with numbers in the normalisation.
        exports: Whether it can be written as ONNX; if not, that must be refused.
        unused: Beginnings of the names of parameters of the pretrained part that take no part in the features.
        tolerance: Largest difference between features that should be the same, relative to their spread.
    """

    architecture: ClassVar[dict[str, Any]]
    sources: ClassVar[tuple[SourceCard, ...]]
    exports = True
    unused: ClassVar[tuple[str, ...]] = ()
    tolerance = 1e-4

    def build(self) -> Encoder:
        """Builds the encoder, always with the same weights, of which none is zero, as in trained ones."""
        torch.manual_seed(0)
        encoder = build_encoder({"encoder": self.architecture}, self.sources).eval()
        with torch.no_grad():
            for parameter in encoder.pretrained_part().parameters():
                parameter.add_(torch.randn(parameter.shape), alpha=0.02)
        return encoder

    def side(self, encoder: Encoder) -> int:
        """Returns the side of a small tile."""
        window = encoder.window if isinstance(encoder, WindowedEncoder) else 64
        return -(-window // encoder.alignment) * encoder.alignment

    def images(self, height: int, width: int, batch: int = 1, seed: int = 0) -> dict[str, torch.Tensor]:
        """Draws tiles of plausible values: per role (batch, band, y, x) in canonical units, no pixel like another."""
        generator = torch.Generator().manual_seed(seed)
        tiles = {}
        for source in self.sources:
            offset, scale = (
                torch.tensor(numbers).view(1, -1, 1, 1)
                for numbers in (source.normalisation.offset, source.normalisation.scale)
            )
            tiles[source.role] = (
                torch.rand(batch, len(source.bands), height, width, generator=generator) * scale + offset
            )
        return tiles

    def assert_same(self, some: torch.Tensor, others: torch.Tensor) -> None:
        """Checks that two maps are the same but for rounding."""
        assert some.shape == others.shape
        difference, spread = (some - others).abs().max().item(), others.std().item()
        assert difference <= self.tolerance * max(spread, 1e-3), f"features differ by {difference} of {spread}"

    def test_maps_have_the_channels_and_strides_that_it_states(self) -> None:
        encoder = self.build()
        height = self.side(encoder)
        width = height + encoder.alignment
        with torch.inference_mode():
            maps = encoder(self.images(height, width, batch=2))
        expected = [
            (2, channels, height // stride, width // stride)
            for channels, stride in zip(encoder.channels, encoder.strides, strict=True)
        ]
        assert [tuple(features.shape) for features in maps] == expected
        assert all(encoder.alignment % stride == 0 for stride in encoder.strides)

    def test_tiles_and_chips_suit_its_alignment(self) -> None:
        encoder = self.build()
        assert encoder.tile % encoder.alignment == 0 and encoder.tile > 0
        assert encoder.halo >= encoder.ramp
        assert encoder.chip > 0

    def test_gradients_reach_the_pretrained_part(self) -> None:
        encoder = self.build()
        tiles = self.images(self.side(encoder), self.side(encoder), batch=2)
        with torch.inference_mode():
            encoder(tiles)  # nothing that this leaves behind may get in the way of training
        trained = {n: p for n, p in encoder.pretrained_part().named_parameters() if p.requires_grad}
        if not trained:
            pytest.skip("it has no parameters")
        generator = torch.Generator().manual_seed(1)
        # A normalised map's plain sum has no gradient; that of a random mixture has one.
        sum((m * torch.randn(m.shape, generator=generator)).sum() for m in encoder.train()(tiles)).backward()
        used = {name: p for name, p in trained.items() if not name.startswith(self.unused)}
        without = [name for name, p in used.items() if p.grad is None or not p.grad.abs().sum() > 0]
        assert not without, f"no gradient: {without}"
        assert all(torch.isfinite(p.grad).all() for p in used.values())

    def test_saved_and_loaded_it_gives_the_same_features(self, tmp_path: Any) -> None:
        encoder, path = self.build(), str(tmp_path / "encoder.safetensors")
        card = Card({"encoder": self.architecture}, self.sources, encoder.tile, encoder.halo)
        save_checkpoint(path, encoder, card)
        assert read_card(path) == card
        torch.manual_seed(1)
        again = build_encoder(read_card(path).architecture, read_card(path).sources).eval()
        fill(again, load_weights(path), path)
        tiles = self.images(self.side(encoder), self.side(encoder))
        with torch.inference_mode():
            assert all(torch.equal(a, b) for a, b in zip(encoder(tiles), again(tiles), strict=True))

    def test_features_depend_on_the_place_and_not_on_the_tile(self) -> None:
        encoder = self.build()
        if encoder.ramp:
            pytest.skip("features near a tile's border depend on the tile; maps fade from tile to tile")
        step = encoder.alignment
        halo = -(-encoder.halo // step) * step
        side = 2 * halo + step
        whole = self.images(side + 2 * step, side + step)
        with torch.inference_mode():
            everything = encoder(whole)
            parts = encoder({role: tile[..., step : step + side, step : step + side] for role, tile in whole.items()})
        for complete, part, stride in zip(everything, parts, encoder.strides, strict=True):
            start, inner = (step + halo) // stride, slice(halo // stride, (side - halo) // stride)
            length = (side - 2 * halo) // stride
            self.assert_same(part[..., inner, inner], complete[..., start : start + length, start : start + length])

    def test_batch_elements_do_not_depend_on_each_other(self) -> None:
        encoder = self.build()
        pair = self.images(self.side(encoder), self.side(encoder), batch=2)
        with torch.inference_mode():
            together = encoder(pair)
            alone = encoder({role: image[1:] for role, image in pair.items()})
        for both, one in zip(together, alone, strict=True):
            self.assert_same(both[1:], one)

    def test_every_band_matters_to_every_map(self) -> None:
        encoder = self.build()
        tiles = self.images(self.side(encoder), self.side(encoder))
        with torch.inference_mode():
            before = encoder(tiles)
            for source in self.sources:
                for index, band in enumerate(source.bands):
                    changed = tiles[source.role].clone()
                    changed[:, index] = changed[:, index].flip(-1)
                    after = encoder(tiles | {source.role: changed})
                    assert all(not torch.equal(a, b) for a, b in zip(before, after, strict=True)), band

    def test_no_data_never_becomes_nan(self) -> None:
        encoder = self.build()
        side = self.side(encoder)
        tiles = self.images(side, side)
        for index, tile in enumerate(tiles.values()):
            tile[:, :, : side // 4 + index] = torch.nan
            tile[:, -1, side // 2 : side // 2 + 5, side // 3 :] = torch.nan
        with torch.inference_mode():
            assert all(torch.isfinite(features).all() for features in encoder(tiles))

    def test_an_empty_tile_has_finite_features(self) -> None:
        encoder = self.build()
        tiles = self.images(self.side(encoder), self.side(encoder))
        with torch.inference_mode():
            maps = encoder({role: torch.full_like(tile, torch.nan) for role, tile in tiles.items()})
        assert all(torch.isfinite(features).all() for features in maps)

    def test_no_data_does_not_reach_the_gradients(self) -> None:
        encoder = self.build().train()
        side = self.side(encoder)
        tiles = self.images(side, side, batch=2)
        for tile in tiles.values():
            tile[0, :, : side // 2] = torch.nan
        total = sum(features.square().mean() for features in encoder(tiles))
        if not total.requires_grad:
            pytest.skip("it has no parameters")
        total.backward()
        gradients = [p.grad for p in encoder.parameters() if p.grad is not None]
        assert gradients and all(torch.isfinite(gradient).all() for gradient in gradients)

    def test_exported_it_gives_the_same_probabilities(self) -> None:
        encoder = self.build()
        head = LinearHead(encoder.channels, encoder.strides, 0, 3)
        for layer in head.maps:
            torch.nn.init.normal_(layer.weight, std=layer.in_channels**-0.5)
        network = Segmenter(encoder, None, head).eval()
        side = self.side(encoder) + encoder.alignment  # of several windows, where it sees windows
        if self.exports:
            # Writing compares the file's probabilities with torch's, and raises where they differ.
            assert onnx_bytes(network, self.sources, side)
        else:
            with pytest.raises(ExportError):
                onnx_bytes(network, self.sources, side)
