"""Self-supervised pretraining: one file for each method, and what they share."""
