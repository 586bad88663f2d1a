"""Django's database backend for PostgreSQL, also behind PgBouncer in transaction mode."""
