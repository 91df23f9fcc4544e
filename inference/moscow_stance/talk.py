"""Talk goes to stderr: warnings and notes, more with -v, less with -q."""

from dataclasses import dataclass

from moscow_stance.terminal import printable, stderr


@dataclass(slots=True)
class Talk:
    """How much is said. 0 is usual, 1 and more say details, -1 only errors."""

    level: int = 0

    def warn(self, message: str) -> None:
        """Say something that the reader should know, unless -q."""
        if self.level >= 0:
            stderr().print(printable(message), style="yellow")

    def note(self, message: str) -> None:
        """Say a detail, with -v only."""
        if self.level > 0:
            stderr().print(printable(message), style="dim")

    def error(self, message: str) -> None:
        """Say what went wrong, always."""
        stderr().print(f"error: {printable(message)}", style="red")


talk = Talk()
"""The process's one voice; the command line sets its level."""
