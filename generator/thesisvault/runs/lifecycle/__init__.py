"""What happens to a note after its first build: remembered, restored, pruned, adopted, renamed.

Each command changes what is remembered and lets an ordinary build do the writing.
"""
