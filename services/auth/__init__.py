"""Auth owns accounts, passwords, second factors and sessions, and signs tokens that say who."""
