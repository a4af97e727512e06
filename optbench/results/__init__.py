"""Finished runs as objects and files: load, compare, merge, pack, export, reproduce, compute targets."""
