"""How each function makes a track of its arguments; one file per family."""
