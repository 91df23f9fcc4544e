"""The errors that a user can meet, and the exit code of each.

::

    StanceError                    1  something unexpected
    |-- UsageError                 2  flags or arguments that do not fit together
    |-- InputError                 3  a file, feed or row that cannot be used
    |   `-- LabelError             3  a labelled row that breaks the scheme (file:line)
    |-- ModelError                 4  a model that is missing, broken or untrusted
    `-- NetworkError               5  an address that could not be fetched

A message says what is wrong, where, and what to do next, in one line.
"""


class StanceError(Exception):
    """Base of every error raised on purpose."""

    exit_code = 1


class UsageError(StanceError):
    """Flags or arguments that do not fit together."""

    exit_code = 2


class InputError(StanceError):
    """Input that is missing or cannot be used."""

    exit_code = 3


class LabelError(InputError):
    """A labelled row that breaks the scheme; the message starts with file:line."""


class ModelError(StanceError):
    """A model that is missing, broken or not trusted."""

    exit_code = 4


class NetworkError(StanceError):
    """An address that could not be fetched."""

    exit_code = 5
