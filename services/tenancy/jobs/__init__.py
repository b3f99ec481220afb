"""What tenancy does as time passes, a file per job."""
