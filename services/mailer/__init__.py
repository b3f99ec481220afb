"""Turns events into e-mails and keeps each until it is delivered or given up."""
