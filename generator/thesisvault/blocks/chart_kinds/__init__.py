"""Kinds of charts: one file per kind, with its model and what it draws from a market.

A kind is a model with exactly the keys it uses and a `spec` that turns it into a specification for `charts`. To add
one, add a file here; nothing else names it. What several kinds share stands in `core/chart.py` and `core/levels.py`.
"""
