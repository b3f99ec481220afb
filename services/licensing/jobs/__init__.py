"""The time edge of licensing, a file per job."""
