"""The checkpoint manager: what is bundled, kept on this machine or to be downloaded, with cards and uses."""
