"""How fast, how small and how exact the shipped form is: each figure a ratio of two sides of one run, printed by `bench.py`."""
