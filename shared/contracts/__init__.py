"""What services tell each other: every event, one file per publishing service, data only."""
