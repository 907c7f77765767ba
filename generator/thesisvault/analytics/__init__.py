"""Pure functions on pandas Series and frames: returns, relative strength, risk, breadth, baskets, rotation, episodes.

What lives here takes numbers with their sessions and gives numbers with their sessions: one value for every session, as
seen from that session, so nothing looks ahead. No files, no network, no clock, no Markdown and no knowledge of theses.
A value that is not known is NaN, never a guess; where a reader will ask why, the reason comes along in plain words.
"""
