"""What the gateway talks to: the services behind it."""
