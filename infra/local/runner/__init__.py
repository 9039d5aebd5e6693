"""The hub on one machine, with one command: database, Authority, functions, schedule, and something to look at.

python -m local.runner --data-dir .hub run --port 8700
"""
