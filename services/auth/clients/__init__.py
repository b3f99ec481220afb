"""Slow or secret-holding things that auth's actions use: the hasher, the signer, the vault."""
