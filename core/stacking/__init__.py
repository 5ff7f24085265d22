"""Building time stacks: files as they come → items with dates, bands and masks → a STAC ItemCollection."""
