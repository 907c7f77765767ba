"""Settings of the documentation site: Sphinx reads the Markdown of this folder. `make docs` builds it."""

project = "thesisvault"
copyright = "the thesisvault authors"  # noqa: A001 - Sphinx calls it so
extensions = ["myst_parser"]
exclude_patterns: list[str] = []
html_theme = "furo"
html_title = "thesisvault"
html_show_sphinx = False
html_copy_source = False
myst_heading_anchors = 4
# Links to files outside docs/ would lead nowhere on the site; strict builds refuse them.
nitpicky = True
