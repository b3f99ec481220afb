"""Ways out of licensing that are no store: tokens and signatures."""
