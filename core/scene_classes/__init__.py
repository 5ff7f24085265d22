"""Scene classification: what whole patches of a scene show."""
