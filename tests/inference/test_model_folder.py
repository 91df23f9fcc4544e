"""The shipped folder: what is in it, and every way in which it can be wrong is an error with exit code 4."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from moscow_labels.errors import ModelError
from moscow_stance import model as model_module
from moscow_stance.folder import CARD, FORMAT, GRAPH, TOKENIZER, read_folder
from moscow_stance.model import load_folder, load_model, packaged_folder
from moscow_stance.shipped import CARD_SHA256
from tests.conftest import Run

TEXT = b"Belarus thanked Moscow for the loan, and Armenia refused to sign the declaration."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(packaged_folder(), tmp_path / "model"))


def change(folder: Path, **fields: object) -> None:
    card = json.loads((folder / CARD).read_text())
    (folder / CARD).write_text(json.dumps(card | fields))


def test_the_packaged_folder_is_what_the_contract_says() -> None:
    folder = packaged_folder()
    assert sorted(p.name for p in folder.iterdir()) == sorted([GRAPH, TOKENIZER, CARD])
    assert sum(p.stat().st_size for p in folder.iterdir()) <= 30_000_000
    card = json.loads((folder / CARD).read_text())
    assert card["format"] == FORMAT
    assert set(card["sha256"]) == {GRAPH, TOKENIZER}
    assert {"labels", "thresholds", "abstention", "versions", "run", "figures", "form", "max_tokens", "parity"} <= set(card)
    assert len(card["run"]) == 32
    assert hashlib.sha256((folder / CARD).read_bytes()).hexdigest() == CARD_SHA256


@pytest.mark.parametrize("name", [GRAPH, TOKENIZER])
def test_one_flipped_byte_is_refused(folder: Path, stance: Run, name: str) -> None:
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    done = stance("label", "-", "--model", folder, input=TEXT)
    assert (done.returncode, done.stdout) == (4, "")
    assert f"{name}: is not the file that {CARD} describes" in done.stderr


@pytest.mark.parametrize("name", [GRAPH, TOKENIZER, CARD])
def test_a_missing_file_is_refused(folder: Path, stance: Run, name: str) -> None:
    (folder / name).unlink()
    done = stance("label", "-", "--model", folder, input=TEXT)
    assert done.returncode == 4
    assert name in done.stderr


def test_a_newer_format_says_to_upgrade_and_an_older_one_to_export(folder: Path) -> None:
    change(folder, format=FORMAT + 1)
    with pytest.raises(ModelError, match=r"newer than this version reads.*upgrade"):
        read_folder(folder)
    change(folder, format=FORMAT - 1)
    with pytest.raises(ModelError, match=r"older than this version reads.*promote"):
        read_folder(folder)


@pytest.mark.parametrize(
    "fields",
    [{"format": "2"}, {"format": True}, {"labels": {}}, {"thresholds": {}}, {"sha256": {}}, {"sha256": []}, {"max_tokens": "many"}],
    ids=str,
)
def test_a_card_that_makes_no_sense(folder: Path, fields: dict[str, object]) -> None:
    change(folder, **fields)
    with pytest.raises(ModelError, match="export the model again"):
        read_folder(folder)


def test_a_graph_that_is_none(folder: Path) -> None:
    (folder / GRAPH).write_bytes(b"no graph")
    change(folder, sha256={n: hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in (GRAPH, TOKENIZER)})
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_folder(folder)


def test_a_packaged_model_that_was_exchanged_together_with_its_card(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Digests beside the files do not help against this; the one in the package does."""
    change(folder, thresholds={"stance": 0.0, "sentiment": 0.0})
    assert read_folder(folder).stance_threshold == 0.0, "elsewhere, a consistent folder is anybody's to make"
    monkeypatch.setattr(model_module, "packaged_folder", lambda: folder)
    with pytest.raises(ModelError, match="not the card that this package was built with"):
        load_model()
