"""Where prices come from: one class a source, each with the same method.

A source returns bars or raises a named error; what is kept is decided elsewhere. `yfinance` is imported in
`yahoo` only.
"""
