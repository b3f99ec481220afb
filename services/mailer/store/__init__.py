"""Where the mailer keeps what it has to send and what became of it."""
