"""Auth's HTTP edge, a file per resource: parse, call one action, shape the answer."""
