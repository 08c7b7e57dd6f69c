"""One module a command: `add(commands)` declares its arguments and sets `run`, which gives the exit status.

Only what the arguments need is imported at the top, so that --help and a mistyped argument answer at once.
"""
