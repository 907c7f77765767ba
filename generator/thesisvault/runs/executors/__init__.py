"""Executors: who makes notes. This process, further processes of this machine, or workers of a Dask scheduler.

What is carried is a small order (which notes) and its answer (their views, what was read, their pictures). A worker
opens the workspace for itself, writes nothing, and answers with the digests of all that it read: an answer that rests
on anything else than what this process sees is dropped, and the note is made here. So an executor decides how long a
build takes and never what it writes.
"""
