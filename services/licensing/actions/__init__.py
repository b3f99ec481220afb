"""What licensing can do, a file per family of verbs."""
