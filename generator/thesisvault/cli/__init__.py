"""The command line: words in, one call, words out.

`app` lists the commands, one module per group holds them, and `main` turns what was raised into an exit status. A
command imports its worker when it is called, so that `--help` stays quick. `options` is the only module of the package
that asks what time it is. What may not live here: anything that a program calling the package would miss.
"""
