"""How far optbench goes: runs of very many trials, reports of very large stores, and what a million would take."""
