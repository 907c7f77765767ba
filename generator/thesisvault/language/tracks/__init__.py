"""Values over time on plain arrays: what each part of an expression is worth, asked at one session or at all of them.

A `Track` knows its sessions without computing a value; `at` gives one of them, `whole` all. What an
expression *is*, its kind, is decided by `language.kinds`, and what a window gives by `analytics.kernels`.
"""
