"""What tenancy can do, a file per family of verbs."""
