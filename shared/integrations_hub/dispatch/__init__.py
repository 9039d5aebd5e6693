"""Queues: how the sweep's claims travel to the workers that check them."""
