"""The event edge of tenancy, a file per publishing service."""
