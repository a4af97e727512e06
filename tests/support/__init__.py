"""What several tests share. `pythonpath` in pyproject.toml makes it importable.

processes    programs in processes of their own, started as from a terminal, waited for by what they do
suites       tiny suites as TOML, for tests that really run them
runs         what of a run does not differ from time to time
plugins      plugins as their authors write them, and registries of them
hostile      a plugin of optimizers that do everything wrong: installing it, trials with it
"""
