"""What the mailer does when something has happened, a file per publishing service."""
