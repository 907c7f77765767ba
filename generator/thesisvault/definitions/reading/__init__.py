"""YAML to values: strict text with the place of every value, then models or findings.

What may not live here: what a thesis means; that is the models and checks.
"""
