"""From a reference to a secret, in memory, for one call: grammar, tenant walls, cache and backends."""
