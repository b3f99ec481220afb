"""The toolkit that every service stands on; it knows no service and no business of theirs."""
