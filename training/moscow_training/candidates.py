"""Champion and challenger in the form that ships, so that the gate compares what users get."""

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moscow_labels.texts import Texts
from moscow_stance.contract import Scorer
from moscow_stance.folder import CARD
from moscow_stance.model import load_folder
from moscow_training.choosing import Setting
from moscow_training.data import LabelSet, with_public
from moscow_training.reference import ReferenceScorer, load_encoder, read_reference
from moscow_training.registry import CHAMPION, REGISTERED, by_alias, fetch_reference
from moscow_training.shipping import pin_card, ship_model
from moscow_training.tracking import embed

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

    def labels_for(self, settings: Mapping[str, Setting]) -> LabelSet:
        """Return the labels, with NewsMTSC's where a head learns from it. Raises InputError where that is not here."""
        return with_public(self.labels, self.texts) if any(s.public for s in settings.values()) else self.labels


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model in its shipped form: what it is called, its run, its folder and its scorer."""

    name: str
    run: str
    folder: Path
    scorer: Scorer


def challenger(place: Place, run: str, version: str) -> Candidate:
    """Ship a run's model into the scratch folder. Raises ModelError for a run whose model cannot be read."""
    source, _, _ = fetch_reference(place.root, f"runs:/{run}", place.uri)
    reference, heads = read_reference(source)
    encoder, folder = load_encoder(source, reference), Path(tempfile.mkdtemp(dir=place.scratch))
    card = {
        "name": REGISTERED,
        "version": version,
        "run": run,
        "encoder": reference.encoder,
        "encoder_revision": reference.revision,
        "labels_digest": reference.labels_digest,
    }
    settings = {axis: Setting(**fields) for axis, fields in reference.settings.items()}
    labels = place.labels_for(settings)
    ship_model(folder, encoder, heads, labels, card, features=embed(encoder, labels, place.root), settings=settings)
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
        return challenger(place, found.run, found.number)
    if not ships:
        return None
    name = f"version {found.number}" if found else f"the shipped model (version {ships.get('version')})"
    return Candidate(name, str(ships.get("run")), packaged, load_folder(packaged))


def card_of(folder: Path) -> dict[str, Any]:
    """Return what a folder's `model.json` says, nothing where there is none."""
    path = folder / CARD
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return record


def install(source: Path, target: Path) -> None:
    """Put a model folder into place, the card last: until then the old card does not fit the new files and they are refused.

    Where `target` is a checkout's packaged folder, the card's digest is compiled into the package.
    """
    target.mkdir(parents=True, exist_ok=True)
    for file in sorted(source.iterdir(), key=lambda path: path.name == CARD):
        fresh = target / f"{file.name}.new"
        shutil.copyfile(file, fresh)
        fresh.replace(target / file.name)
    pin_card(target)
