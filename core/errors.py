"""Errors that a person can act on."""


class UserError(Exception):
    """A user's mistake: one clear line that names the field and the remedy; the command ends with exit code 2."""


class StageError(Exception):
    """A stage could not do its work (a failed suite, a gate without a model): one readable line, exit code 1."""
