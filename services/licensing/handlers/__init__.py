"""The HTTP edge of licensing, a file per resource."""
