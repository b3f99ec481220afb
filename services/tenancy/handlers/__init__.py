"""The HTTP edge of tenancy, a file per resource."""
