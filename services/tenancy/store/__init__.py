"""What tenancy remembers in MongoDB, a file per collection."""
