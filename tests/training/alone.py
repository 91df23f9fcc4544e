"""Run as a program: load a stored model with nothing in sight but Python and what its requirements.txt brings along.

`python -I alone.py MODEL_FOLDER ROWS`: hides every distribution outside the closure of the declared requirements, above all this
project, and prints as JSON what the model says of the rows, where its code came from and what was hidden.
"""

import contextlib
import json
import re
import sys
from importlib.abc import MetaPathFinder
from importlib.metadata import PackageNotFoundError, distributions, packages_distributions, requires
from pathlib import Path

OURS = ("moscow_labels", "moscow_stance", "moscow_training")


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def closure(names: list[str]) -> set[str]:
    """Return the distributions that installing `names` brings: their requirements without extras, and theirs."""
    from packaging.requirements import Requirement

    found: set[str] = set()
    wanted = [Requirement(name) for name in names]
    while wanted:
        requirement = wanted.pop()
        key = canonical(requirement.name) + "".join(sorted(requirement.extras))
        if key in found:
            continue
        found.add(key)
        found.add(canonical(requirement.name))
        try:
            needs = [Requirement(text) for text in requires(requirement.name) or []]
        except PackageNotFoundError:
            continue
        extras = ["", *requirement.extras]
        wanted += [n for n in needs if n.marker is None or any(n.marker.evaluate({"extra": extra}) for extra in extras)]
    return found


class Only(MetaPathFinder):
    """Finds what the others find, except for hidden packages and distributions: these are as if they were not installed."""

    def __init__(self, hidden: set[str], allowed: set[str]) -> None:
        self.hidden, self.allowed, self.others = hidden, allowed, list(sys.meta_path)

    def find_spec(self, name, path=None, target=None):  # type: ignore[no-untyped-def]
        if name.partition(".")[0] in self.hidden:
            return None
        return next((spec for finder in self.others if (spec := finder.find_spec(name, path, target)) is not None), None)

    def find_distributions(self, context):  # type: ignore[no-untyped-def]
        finders = [f for f in self.others if hasattr(f, "find_distributions")]
        return (d for f in finders for d in f.find_distributions(context) if canonical(d.name or "") in self.allowed)


def main(folder: Path, rows: list[dict[str, object]]) -> None:
    needs = (folder / "requirements.txt").read_text().split()
    allowed = closure(needs)
    installed = {canonical(d.name) for d in distributions() if d.name}
    hidden = {package for package, owners in packages_distributions().items() if not {canonical(o) for o in owners} & allowed}
    with contextlib.suppress(ImportError):
        import importlib_metadata  # noqa: F401 - it adds a finder that shows all distributions: before ours takes over, please
    sys.path[:] = [p for p in sys.path if not (Path(p) / OURS[0]).is_dir()]
    sys.meta_path[:] = [Only(hidden - set(OURS), allowed)]
    import mlflow
    import pandas as pd

    model = mlflow.pyfunc.load_model(str(folder))
    answer = model.predict(pd.DataFrame(rows))
    said = {
        "rows": json.loads(answer.to_json(orient="records")),
        "code": str(sys.modules["moscow_training"].__file__),
        "hidden": sorted(installed - allowed),
    }
    print(json.dumps(said))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
