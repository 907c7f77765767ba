"""What happens to a note after its first build: remembered, moved, renamed, restored, adopted, pruned.

Each command changes what is remembered and lets an ordinary build do the writing. Nothing is deleted: what is taken
away goes to the vault's `.trash`.
"""
