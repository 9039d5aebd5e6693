"""Speed as ratios measured in one run, both sides given the same connections, requests and cores."""
