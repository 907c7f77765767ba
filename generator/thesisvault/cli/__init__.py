"""The command line: words in, one call, words out.

Each command imports its worker when it is called, so that `--help` stays quick. What day it is, is asked here and
nowhere else. What may not live here: anything that a program calling the package would miss.
"""
