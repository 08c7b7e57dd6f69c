"""A child process of the sandbox: its confinement, the checks of a model, and the messages to its parent."""
