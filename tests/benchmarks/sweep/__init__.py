"""The sweep's speed as ratios: to a bare loop, to another prober, and of a claim to itself among more integrations."""
