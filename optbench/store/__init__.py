"""The SQLite file that runs are kept in, and the environment that they were made in."""
