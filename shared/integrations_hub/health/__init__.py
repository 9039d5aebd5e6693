"""Health: checks, the standing they add up to, and what is told of it."""
