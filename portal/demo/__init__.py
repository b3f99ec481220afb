"""The demo world: organisations, accounts and licences to try the portal with."""
