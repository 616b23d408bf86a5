"""Database backend: PostgreSQL, with the embedded server started when the first connection needs it."""
