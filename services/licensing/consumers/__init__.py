"""The event edge of licensing, a file per publishing service."""
