"""What a person may write: reading YAML, holding it against models, findings, JSON Schema for editors.

`load` turns a file into text, lists and mappings that remember where they stood; `validate` turns those into models or
into findings; `schema` tells editors what the models accept. No prices here, no notes, nothing is written to disk.
"""
