"""From a reference to a secret, in memory, for one call: the grammar, the tenant's walls, the cache and the backends."""
