"""What mailing needs besides its store: rendering templates, building letters, speaking SMTP."""
