"""What the hub tells its operators: logs, metrics and traces."""
