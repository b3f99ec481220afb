"""HTTP edge of the mailer: parse, call one action, answer."""
