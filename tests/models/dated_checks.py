"""Claims that hold for every encoder over time, beside those of `EncoderChecks`."""

from __future__ import annotations

from dataclasses import replace

import torch
from encoder_checks import EncoderChecks
from landsketch.core.cards import Normalisation, SourceCard
from landsketch.models.dated import by_date

DATES = ("2020-03-02", "2020-04-15", "2020-07-20")


def series_card(bands=4, dates=DATES, role="optical", **more):
    scaling = Normalisation("3-sigma", (0.0,) * bands, (3000.0,) * bands, (0.0, 1.0))
    names = tuple(f"B{number + 1}" for number in range(bands))
    return SourceCard(role, "generic", names, "dn", 10.0, scaling, dates=dates, **more)


class DatedChecks(EncoderChecks):
    """Base of a test class for one encoder, of which all dated sources are at the scene's resolution."""

    exports = False  # a file would hold the dates of one stack

    def images(self, height, width, batch=1, seed=0):
        generator = torch.Generator().manual_seed(seed)
        tiles = {}
        for source in self.sources:
            offset, scale = (
                torch.tensor(numbers).repeat(max(len(source.dates), 1)).view(1, -1, 1, 1)
                for numbers in (source.normalisation.offset, source.normalisation.scale)
            )
            random = torch.rand(batch, source.channels, height, width, generator=generator)
            tiles[source.role] = random * scale + offset
        return tiles

    def rebound(self, order):
        """Returns the encoder for the same dates in another order, or for some of them, and its images."""
        encoder, side = self.build(), self.side(self.build())
        images, sources = {}, []
        for source in self.sources:
            image = self.images(side, side, batch=2)[source.role]
            if source.dates:
                image = by_date(image, len(source.bands))[:, order].flatten(1, 2)
                source = replace(source, dates=tuple(source.dates[place] for place in order))
            images[source.role] = image
            sources.append(source)
        encoder.bind(sources)
        return encoder, images

    def features(self, encoder, images):
        with torch.inference_mode():
            return encoder(images)

    def test_the_order_of_dates_does_not_matter(self):
        expected = self.features(*self.rebound([0, 1, 2]))
        for some, others in zip(self.features(*self.rebound([2, 0, 1])), expected, strict=True):
            self.assert_same(some, others)

    def test_a_missing_date_is_as_good_as_none(self):
        """What a date holds beside its no data has no effect, and a date without any data has none at all."""
        encoder, images = self.rebound([0, 1, 2])
        for role, image in images.items():
            if encoder.dates[role]:
                by_date(image, len(encoder.bands[role]))[:, 1] = torch.nan
        for some, others in zip(self.features(encoder, images), self.features(*self.rebound([0, 2])), strict=True):
            self.assert_same(some, others)

    def test_one_date_will_do(self):
        assert all(torch.isfinite(features).all() for features in self.features(*self.rebound([1])))
