"""The label-ratio study: how much accuracy depends on the number of labels."""
