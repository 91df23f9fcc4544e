"""Champion and challenger in the form that ships, so that the gate compares what users get."""

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moscow_labels.texts import Texts
from moscow_stance.model import CARD, Scorer, load_folder
from moscow_training.data import LabelSet
from moscow_training.export import export_model
from moscow_training.head import as_linear
from moscow_training.reference import ReferenceScorer, load_encoder, read_reference
from moscow_training.registry import CHAMPION, REGISTERED, by_alias, fetch_reference

PACKAGED = Path("inference/moscow_stance/data/model")


@dataclass(frozen=True, slots=True)
class Place:
    """Where promotion happens: MLflow and its address, the checkout, its labels and texts, and a scratch folder."""

    mlflow: Any
    root: Path
    labels: LabelSet
    texts: Texts | None
    scratch: Path

    @property
    def uri(self) -> str:
        """The store's address."""
        return str(self.mlflow.get_tracking_uri())


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model in its shipped form: what it is called, its run, its folder and its scorer. `fresh` is what a new card says of it."""

    name: str
    run: str
    folder: Path
    scorer: Scorer


def challenger(place: Place, run: str, version: str, card: Mapping[str, Any]) -> Candidate:
    """Ship a run's model into the scratch folder. `card` is what its `model.json` says beyond what shipping itself knows."""
    source, _, _ = fetch_reference(place.root, f"runs:/{run}", place.uri)
    reference, heads = read_reference(source)
    folder = Path(tempfile.mkdtemp(dir=place.scratch))
    full = {
        "name": REGISTERED,
        "version": version,
        "run": run,
        "encoder": reference.encoder,
        "encoder_revision": reference.revision,
        "labels_digest": reference.labels_digest,
        "thresholds": {"stance": reference.stance_threshold, "sentiment": reference.sentiment_threshold},
        **card,
    }
    export_model(folder, load_encoder(source, reference), {axis: as_linear(head) for axis, head in heads.items()}, full)
    return Candidate(f"version {version}", run, folder, load_folder(folder))


def reference_of(place: Place, run: str) -> ReferenceScorer:
    """Return the reference form of a run's model."""
    return ReferenceScorer(fetch_reference(place.root, f"runs:/{run}", place.uri)[0])


def champion(place: Place) -> Candidate | None:
    """Return the champion: the registry's, else the model that ships with this checkout, else nobody."""
    packaged = place.root / PACKAGED
    ships = card_of(packaged)
    found = by_alias(place.mlflow, CHAMPION)
    if found is not None and found.run != ships.get("run"):
        return challenger(place, found.run, found.number, {})
    if not ships:
        return None
    name = f"version {found.number}" if found else f"the shipped model (version {ships.get('version')})"
    return Candidate(name, str(ships.get("run")), packaged, load_folder(packaged))


def card_of(folder: Path) -> dict[str, Any]:
    """Return what a folder's `model.json` says, nothing where there is none."""
    path = folder / CARD
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return record


def rewrite_card(folder: Path, more: Mapping[str, Any]) -> None:
    """Add to a folder's `model.json`; its digests stay what they are."""
    card = card_of(folder) | dict(more)
    (folder / CARD).write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


def install(source: Path, target: Path) -> None:
    """Put a model folder into place, the card last: until then the old card does not fit the new files and they are refused."""
    target.mkdir(parents=True, exist_ok=True)
    for file in sorted(source.iterdir(), key=lambda path: path.name == CARD):
        fresh = target / f"{file.name}.new"
        shutil.copyfile(file, fresh)
        fresh.replace(target / file.name)
