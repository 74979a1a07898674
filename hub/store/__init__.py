"""Tables, SQL, unit of work and migrations."""
