"""Pure functions on plain arrays: returns, relative strength, risk, breadth, baskets, rotation, episodes.

What lives here takes numbers with their sessions and gives numbers with their sessions, as seen from each session, so
nothing looks ahead. No data frames, files, network, clock, Markdown and no knowledge of theses. A value that is not
known is NaN, never a guess; where a reader will ask why, the reason comes along in plain words.
"""
