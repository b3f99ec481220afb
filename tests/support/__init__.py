"""What tests stand on: real servers, processes, builders and clients."""
