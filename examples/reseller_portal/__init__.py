"""A small Reseller Portal, as the other side of the synchronisation."""
