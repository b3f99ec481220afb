"""Speed beside yardsticks: each benchmark measures the portal and something bare in one run."""
