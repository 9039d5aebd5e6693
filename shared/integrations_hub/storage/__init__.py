"""PostgreSQL: tables, roles, migrations, connections, and the stores of every slice; and the same in memory."""
