"""The suites that come with optbench, as TOML files: data, no code."""
