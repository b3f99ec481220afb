"""What the gateway decides: the operation of a path, the headers that pass, the trust in passes."""
