"""Events and alerts: from the outbox to wherever they are wanted, at least once."""
