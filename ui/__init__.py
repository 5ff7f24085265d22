"""What has a face: the only place with widgets."""
