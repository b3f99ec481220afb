"""What benchmarks run as processes of their own: yardsticks, an upstream, both event pipelines."""
