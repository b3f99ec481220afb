"""What the mailer does as time passes, a file per job."""
