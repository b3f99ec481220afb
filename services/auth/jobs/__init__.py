"""What auth does as time passes, a file per job."""
