"""Claims that hold for every network with classes; each network's tests say them of theirs in a subclass."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import pytest
import torch
from landsketch.core.cards import Card, SourceCard
from landsketch.core.legend import ClassLegend
from landsketch.models.checkpoints import load_segmenter, save_checkpoint
from landsketch.models.onnx_export import ExportError, exported
from landsketch.models.segmenter import Segmenter, build_segmenter

CLASSES = 3


class NetworkChecks:
    """Base of a test class for one network, which states `architecture` and `sources`; small networks are enough.

    Attributes:
        architecture: The card's `architecture`: encoder and head, each with its name and arguments.
        sources: What it reads of a scene, with numbers in the normalisation; of networks over time with dates.
        sides: Height and width in pixels of tiles that it takes, of which some windows do not divide.
        over_time: Roles of which it takes any number of dates.
        optional: Roles without which it computes too, as long as one of the others is there.
        exports: Whether it can be written as ONNX; if not, that must be refused. None: as another one with its layers.
        any_side: Whether it can be written for windows of any side, rather than for those of one side.
        unused: Beginnings of the names of parameters that take no part in the logits.
        tolerance: Largest difference between logits that should be the same, relative to their spread.
    """

    architecture: ClassVar[dict[str, Any]]
    sources: ClassVar[tuple[SourceCard, ...]]
    sides: ClassVar[tuple[int, int]] = (64, 96)
    over_time: ClassVar[tuple[str, ...]] = ()
    optional: ClassVar[tuple[str, ...]] = ()
    exports: ClassVar[bool | None] = True
    any_side = True
    unused: ClassVar[tuple[str, ...]] = ()
    tolerance = 1e-4

    def card(self, sources: tuple[SourceCard, ...] = ()) -> Card:
        """Returns its card, for other sources where they are given."""
        legend = ClassLegend.from_names([f"class {index}" for index in range(CLASSES)])
        return Card(self.architecture, sources or self.sources, 128, 32, legend)

    def build(self, sources: tuple[SourceCard, ...] = ()) -> Segmenter:
        """Builds it, always with the same weights, of which none is zero, as in trained ones."""
        torch.manual_seed(0)
        network = build_segmenter(self.card(sources))
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.add_(torch.randn(parameter.shape), alpha=0.05)
        return network.eval()

    def images(self, sources: tuple[SourceCard, ...] = (), batch: int = 1, seed: int = 0) -> dict[str, torch.Tensor]:
        """Draws tiles of plausible values: per role in canonical units, no pixel like another."""
        generator = torch.Generator().manual_seed(seed)
        tiles = {}
        for source in sources or self.sources:
            height, width = (side // source.step + 2 * source.margin for side in self.sides)
            dates = max(len(source.dates), 1)
            shape = (batch, dates, len(source.bands), height, width)
            offset, scale = (
                torch.tensor(numbers).view(1, 1, -1, 1, 1)
                for numbers in (source.normalisation.offset, source.normalisation.scale)
            )
            tiles[source.role] = (torch.rand(shape, generator=generator) * scale + offset).flatten(1, 2)
        return tiles

    def logits(self, network: Segmenter, images: dict[str, torch.Tensor]) -> torch.Tensor:
        """Returns a network's logits without gradients."""
        with torch.inference_mode():
            computed: torch.Tensor = network(images)
        return computed

    def assert_same(self, some: torch.Tensor, others: torch.Tensor) -> None:
        """Checks that two maps are the same but for rounding."""
        assert some.shape == others.shape
        difference, spread = (some - others).abs().max().item(), others.std().item()
        assert difference <= self.tolerance * max(spread, 1e-3), f"logits differ by {difference} of {spread}"

    def test_logits_have_the_size_of_a_tile_that_windows_do_not_divide(self) -> None:
        logits = self.logits(self.build(), self.images(batch=2))
        assert logits.shape == (2, CLASSES, *self.sides)
        assert torch.isfinite(logits).all() and logits.std() > 0

    def test_gradients_reach_all_weights(self) -> None:
        network = self.build()
        self.logits(network, self.images())  # nothing that this leaves behind may get in the way of training
        network.train()
        logits = network(self.images(batch=2))
        (logits * torch.randn(logits.shape, generator=torch.Generator().manual_seed(1))).sum().backward()
        trained = {n: p for n, p in network.named_parameters() if p.requires_grad and not n.startswith(self.unused)}
        without = [name for name, p in trained.items() if p.grad is None or not p.grad.abs().sum() > 0]
        assert trained and not without, f"no gradient: {without}"
        assert all(torch.isfinite(p.grad).all() for p in trained.values() if p.grad is not None)

    def test_saved_and_loaded_with_its_card_it_gives_the_same_logits(self, tmp_path: Any) -> None:
        network, path = self.build(), str(tmp_path / "network.safetensors")
        save_checkpoint(path, network, self.card())
        torch.manual_seed(1)
        card, again = load_segmenter(path)
        assert card == self.card()
        assert torch.equal(self.logits(network, self.images()), self.logits(again, self.images()))

    def test_batch_elements_do_not_depend_on_each_other(self) -> None:
        network, pair = self.build(), self.images(batch=2)
        alone = {role: image[1:] for role, image in pair.items()}
        self.assert_same(self.logits(network, pair)[1:], self.logits(network, alone))

    def test_every_source_matters(self) -> None:
        network, images = self.build(), self.images()
        before = self.logits(network, images)
        for role, image in images.items():
            changed = self.logits(network, images | {role: image.flip(-1)})
            assert (before - changed).abs().max() > 1e-3 * before.std(), role

    def test_no_data_becomes_nan_neither_in_logits_nor_in_gradients(self) -> None:
        network, images = self.build(), self.images(batch=2)
        for index, image in enumerate(images.values()):
            image[0, :, : image.shape[2] // 4 + index] = torch.nan
            image[:, -1, image.shape[2] // 2 :, : image.shape[3] // 3] = torch.nan
        assert torch.isfinite(self.logits(network, images)).all()
        network.train()(images).square().mean().backward()
        assert all(torch.isfinite(p.grad).all() for p in network.parameters() if p.grad is not None)

    def test_an_empty_tile_has_finite_logits(self) -> None:
        empty = {role: torch.full_like(image, torch.nan) for role, image in self.images().items()}
        assert torch.isfinite(self.logits(self.build(), empty)).all()

    def test_it_computes_without_an_optional_source_as_with_an_empty_one(self) -> None:
        if not self.optional:
            pytest.skip("it needs all its sources")
        network, images = self.build(), self.images()
        whole = self.logits(network, images)
        for role in self.optional:
            others = {other: image for other, image in images.items() if other != role}
            without = self.logits(network, others)
            empty = {role: torch.full_like(images[role], torch.nan)}
            self.assert_same(without, self.logits(network, images | empty))
            assert (without - whole).abs().max() > 1e-3 * whole.std(), role

    @pytest.mark.parametrize("count", [1, 2, 5])
    def test_it_takes_any_number_of_dates(self, count: int) -> None:
        if not self.over_time:
            pytest.skip("it reads single images")
        days = tuple(f"2021-0{month}-15" for month in range(2, 2 + count))
        sources = tuple(
            replace(source, dates=days) if source.role in self.over_time else source for source in self.sources
        )
        network, images = self.build(), self.images(sources)
        network.encoder.bind(sources)
        logits = self.logits(network, images)
        assert logits.shape == (1, CLASSES, *self.sides) and torch.isfinite(logits).all()

    def test_exported_it_gives_the_same_probabilities(self) -> None:
        if self.exports is None:
            pytest.skip("said of another network with the same layers")
        network = self.build()
        side = -(-min(self.sides) // network.encoder.alignment) * network.encoder.alignment
        if self.exports:
            # Writing compares the file's probabilities with torch's, and raises where they differ.
            written = exported(network, self.card(), side, fixed=not self.any_side)
            assert written.tiling.side == (0 if self.any_side else side)
        else:
            with pytest.raises(ExportError):
                exported(network, self.card(), side)
