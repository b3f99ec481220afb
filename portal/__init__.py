"""The `portal` command: all services in one process, the demo world, and tools for operators."""
