"""One line of the benchmark's table: two sides of one run, and their ratio."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """`ours` and `other` in the same unit; `target` is what `ratio` (other / ours) or `ours` should reach, in words;
    `met` is None where there is none.
    """

    what: str
    ours: float
    other: float | None
    unit: str
    target: str
    met: bool | None

    @property
    def ratio(self) -> float | None:
        """How many times more the other side takes."""
        return None if self.other is None else self.other / self.ours

    def __str__(self) -> str:
        other = "" if self.other is None else f"{self.other:.2f}"
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        met = {True: "yes", False: "NO", None: ""}[self.met]
        return f"| {self.what} | {self.ours:.2f} {self.unit} | {other} | {ratio} | {self.target} | {met} |"


HEADER = "| what | ours | other | ratio | target | met |\n| --- | ---: | ---: | ---: | --- | --- |"
