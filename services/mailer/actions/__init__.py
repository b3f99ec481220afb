"""What the mailer does, a file per verb."""
