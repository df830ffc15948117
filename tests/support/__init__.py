"""What tests stand on: a PostgreSQL server, a browser."""
