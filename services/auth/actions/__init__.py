"""What auth can do, a file per verb: load, decide, save with events."""
