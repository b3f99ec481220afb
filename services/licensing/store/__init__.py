"""What licensing remembers in MongoDB, a file per collection."""
