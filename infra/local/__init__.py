"""What stands in for the outside world on one machine: an Authority and simulated providers."""
