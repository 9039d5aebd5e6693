"""Where events go and how delivery is kicked, with a client library or a secret: adapters of `events.ports`."""
