"""What the tables of the page hold, a table a file: plain rows for the template, numbers already as text."""
