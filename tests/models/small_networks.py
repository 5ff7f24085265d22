"""Networks as small as they can be, as entries of a card's architecture."""

LEVELS = {"levels": [1, 2, 3, 4]}
SWIN = {
    "name": "swin",
    "model": "swin_tiny_patch4_window7_224",
    "image": 64,
    "window_size": 2,
    "embed_dim": 8,
    "depths": [1, 2, 1, 1],
    "num_heads": [1, 2, 2, 4],
} | LEVELS
MIRROR = {"depths": [1, 2, 1], "heads": [1, 2, 2], "window": 2}
PLAIN_SWIN = SWIN | {"depths": [1, 1, 1, 1]}  # without shifted windows: writing a network takes seconds for each block
PLAIN_MIRROR = MIRROR | {"depths": [1, 1, 1]}
RESNET = {"name": "resnet", "model": "test_resnet"} | LEVELS  # timm's smallest


def pair(member):
    """Returns the entry of two encoders that stand in for each other."""
    return {"name": "pair", "encoders": {"sar": member, "optical": member}, "stand_in": True}
