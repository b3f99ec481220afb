"""The rules of places: who stands where, and what a licence opens for how long; free of I/O."""
