"""Auth's collections, a file each: mapping, indexes, queries."""
