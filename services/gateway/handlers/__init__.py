"""The gateway's HTTP edge: the public door, the documents it shows, and the operators' listener."""
