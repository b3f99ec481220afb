"""The gateway is the one public door: it checks who asks and where, and hands on what may pass."""
