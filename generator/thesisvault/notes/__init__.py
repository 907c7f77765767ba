"""Notes as text: views in, Markdown out.

This package holds views, the rendering of templates, names, escaping, links, properties and regions. All of it is a
pure function of its arguments. It knows neither the disk (but for templates), nor prices, data frames or the clock.
"""
