"""Bad input: each has a clear error and the contract's exit code, and nothing hostile reaches the terminal."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import Run

GOOD = "Belarus thanked Moscow for the loan, and Armenia refused to sign the declaration."


def test_missing_file(stance: Run) -> None:
    done = stance("label", "nowhere.txt")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.strip() == "error: nowhere.txt: no such file or directory; check the path"


def test_directory(stance: Run, tmp_path: Path) -> None:
    done = stance("label", tmp_path)
    assert done.returncode == 3
    assert "is a directory" in done.stderr
    assert "stance score" in done.stderr


@pytest.mark.parametrize(
    ("data", "word"),
    [(b"\x00\x01\x02" * 50, "binary"), (b"%PDF-1.7 ...", "PDF"), (b"PK\x03\x04zip", "zip"), (b"", "empty"), (b" \n\t ", "empty")],
)
def test_unreadable_files(stance: Run, tmp_path: Path, data: bytes, word: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    done = stance("label", path)
    assert (done.returncode, done.stdout) == (3, "")
    assert word in done.stderr


def test_wrong_encoding_is_decoded_with_a_warning(stance: Run, tmp_path: Path) -> None:
    path = tmp_path / "latin.txt"
    path.write_bytes("Le président Łukasz visited the café; Armenia refused to sign — the “deal” with Moscow was off.".encode("cp1250"))
    done = stance("label", path, "--format", "jsonl")
    assert done.returncode == 0
    assert "not UTF-8; read as" in done.stderr
    assert json.loads(done.stdout.splitlines()[0])["actor"] == "ARM"


def test_utf16_is_read(stance: Run) -> None:
    done = stance("label", "-", "--format", "jsonl", input=GOOD.encode("utf-16"))
    assert [json.loads(line)["actor"] for line in done.stdout.splitlines()] == ["BLR", "ARM"]


def test_a_fifty_megabyte_line(stance: Run, tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_bytes(b"Armenia refused " * 3_300_000)
    done = stance("label", path)
    assert done.returncode == 3
    assert "split it" in done.stderr
    feed = tmp_path / "long.jsonl"
    with feed.open("wb") as file:
        file.write(b'{"text": "' + b"Armenia refused " * 3_300_000 + b'"}\n')
        file.write(json.dumps({"id": "good", "text": GOOD}).encode() + b"\n")
    out = tmp_path / "out.jsonl"
    done = stance("score", feed, "--out", out)
    assert done.returncode == 3
    assert "long.jsonl:1" in done.stderr
    assert {json.loads(line)["doc_id"] for line in out.read_text().splitlines()} == {"good"}


def test_no_actor(stance: Run) -> None:
    done = stance("label", "-", input=b"The weather in the valley was mild and the harvest was good for all of them.")
    assert done.returncode == 0
    assert "names no actor" in done.stderr


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Armenien hat sich geweigert, die Erklärung zu unterzeichnen, und Belarus dankte Moskau für den Kredit. Das war gestern."),
        ("ru", "Армения отказалась подписать декларацию, а Белоруссия поблагодарила Москву за кредит."),
        ("fr", "Armenia a refusé de signer la déclaration, et la Moldova a remercié Moscou pour le prêt qui lui avait été accordé."),
    ],
)
def test_another_language_gets_no_labels(stance: Run, language: str, text: str) -> None:
    done = stance("label", "-", "--format", "jsonl", input=text.encode())
    assert (done.returncode, done.stdout) == (0, "")
    assert f"({language})" in done.stderr


HOSTILE = (
    "\x1b]0;owned\x07\x1b[31m Belarus \x1b[0mthanked \u202eMoscow\u202c for\x9b2J the loan\x08\x08, and Armenia\r refused to sign it.\x00"
)


@pytest.mark.parametrize("form", ["table", "jsonl", "json", "csv"])
def test_control_characters_never_reach_the_terminal(stance: Run, form: str) -> None:
    text = HOSTILE.replace("\x00", "")
    done = stance("label", "-", "--format", form, input=text.encode())
    assert done.returncode == 0
    raw = done.stdout + done.stderr
    assert not [c for c in raw if c != "\n" and not c.isprintable()], "only printable characters and line ends"
    if form == "jsonl":
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        assert {r["actor"] for r in rows} == {"BLR", "ARM"}
        assert all(text[r["mention_start"] : r["mention_end"]] == r["mention"] for r in rows), "JSON keeps the text as it is, escaped"


def test_a_hostile_file_name_is_shown_harmlessly(stance: Run) -> None:
    done = stance("label", "no\x1b[2Jfile")
    assert done.returncode == 3
    assert "\x1b" not in done.stderr


def test_of_several_a_bad_one_does_not_stop_the_others(stance: Run, tmp_path: Path) -> None:
    path = tmp_path / "good.txt"
    path.write_text(GOOD)
    done = stance("label", "nowhere.txt", path, "--format", "jsonl")
    assert done.returncode == 3
    assert len(done.stdout.splitlines()) == 2
    assert "nowhere.txt" in done.stderr


def test_usage_errors_are_two(stance: Run, tmp_path: Path) -> None:
    assert stance("label").returncode == 2
    assert stance("label", "--format", "xml", "-").returncode == 2
    assert stance("nonsense").returncode == 2
    done = stance("label", "-", "--speaker", "Atlantis", input=b"x")
    assert done.returncode == 2
    assert "Atlantis" in done.stderr
    assert stance("score", "-", "--out", tmp_path / "x.xls").returncode == 2


def test_a_changed_model_is_refused(stance: Run, tmp_path: Path, root: Path) -> None:
    import shutil

    folder = tmp_path / "model"
    shutil.copytree(root / "inference/moscow_stance/data/model", folder)
    with (folder / "model.onnx").open("ab") as graph:
        graph.write(b"x")
    done = stance("label", "-", "--model", folder, input=GOOD.encode())
    assert done.returncode == 4
    assert "sha256 differs" in done.stderr
    assert stance("label", "-", "--model", tmp_path / "none", input=GOOD.encode()).returncode == 4


def test_interrupt_is_130(root: Path) -> None:
    command = [sys.executable, "-m", "moscow_stance", "label", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=root) as child:
        assert child.stdin is not None
        wait_until_reading(child.pid)
        child.send_signal(signal.SIGINT)
        _, talk = child.communicate(timeout=60)
    assert child.returncode == 130
    assert b"interrupted" in talk
    assert b"Traceback" not in talk


def wait_until_reading(pid: int) -> None:
    """Wait until the process sleeps in a read of its standard input."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/syscall").read_text().startswith("0 0x0 "):
                return
        except OSError:
            return
        os.sched_yield()


def test_a_closed_pipe_is_quiet(root: Path, digest: Path) -> None:
    shell = f"{sys.executable} -m moscow_stance label {digest} --format jsonl | head -n 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", shell], check=False, capture_output=True, cwd=root, timeout=120)
    assert done.stdout.count(b"\n") == 1
    assert done.stderr == b""


def test_unreachable_address_is_five(stance: Run) -> None:
    done = stance("label", "http://127.0.0.1:9/article.html")
    assert done.returncode == 5
    assert "http://127.0.0.1:9/article.html" in done.stderr
