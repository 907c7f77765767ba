"""thesisvault: hand-written theses and fresh market data in, a vault of linked Markdown notes out.

Start reading at `runs/build.py`, the story of one build. Folders are layers, and imports point downwards only; each
folder's `__init__.py` says what lives there and what may not.
"""
