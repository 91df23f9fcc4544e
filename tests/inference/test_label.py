"""`stance label` as an analyst uses it."""

import csv
import http.server
import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from moscow_labels.scheme import SENTIMENTS, STANCES
from tests.conftest import Run

FIELDS = (
    "doc_id source title published url sentence_no start end sentence actor mention mention_start mention_end "
    "stance stance_p abstained sentiment sentiment_p sentiment_abstained duplicate_of model schema"
).split()
PAGE = """<!DOCTYPE html><html><head><title>Summit ends in discord</title></head><body><nav>Home | World</nav><article>
<h1>Summit ends in discord</h1><p>Armenia refused to sign the declaration that Moscow had drafted, and its prime minister left early.</p>
<p>Belarus praised the Kremlin and promised to send more troops to the joint exercise in the autumn of this year.</p>
<p>Observers in the hall said that the mood had rarely been worse at any summit of the alliance in recent times.</p>
</article><footer>Cookies</footer></body></html>"""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/a.html" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(PAGE.encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def rows(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


def test_jsonl_keeps_the_contract(stance: Run, digest: Path) -> None:
    done = stance("label", digest, "--format", "jsonl")
    assert done.returncode == 0
    text = digest.read_text(encoding="utf-8")
    found = rows(done.stdout)
    assert len(found) > 30
    for row in found:
        assert list(row) == FIELDS
        assert text[row["start"] : row["end"]] == row["sentence"]
        assert text[row["mention_start"] : row["mention_end"]] == row["mention"]
        assert list(row["stance_p"]) == list(STANCES)
        assert list(row["sentiment_p"]) == list(SENTIMENTS)
        assert sum(row["stance_p"].values()) == pytest.approx(1, abs=1e-4)
        assert row["stance"] == max(row["stance_p"], key=row["stance_p"].get)
        assert row["model"].startswith("stance@")


def test_json_and_csv_say_the_same(stance: Run, digest: Path) -> None:
    lines = rows(stance("label", digest, "--format", "jsonl").stdout)
    assert json.loads(stance("label", digest, "--format", "json").stdout) == lines
    table = list(csv.DictReader(io.StringIO(stance("label", digest, "--format", "csv").stdout)))
    assert [(r["actor"], r["stance"], float(r["stance_p_hedging"])) for r in table] == [
        (r["actor"], r["stance"], r["stance_p"]["hedging"]) for r in lines
    ]


def test_the_table_fits_80_columns_and_sums_up(stance: Run, digest: Path) -> None:
    done = stance("label", digest)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("sentence") and line.rstrip().endswith("sentiment") for line in lines)
    summary = {line.split()[0]: line.split()[-1] for line in lines[lines.index(next(x for x in lines if x.startswith("actor "))) :] if line}
    assert summary["Belarus"] == "supportive"
    assert summary["Kazakhstan"] == "hedging"


@pytest.mark.texts
def test_the_seed_comes_out_as_it_reads(stance: Run, texts) -> None:
    seed = texts.folder / "seeds" / "002_e3a22808403d926e.txt"
    lines = stance("label", seed).stdout.splitlines()
    start = lines.index(next(line for line in lines if line.startswith("actor ")))
    summary = {line.split()[0]: line.split()[-1] for line in lines[start:] if line}
    lean = {
        line.split()[0]: float(line.split()[-2]) for line in lines[start + 1 :] if line.startswith(("Belarus", "Armenia", "Kazakhstan"))
    }
    assert (summary["Belarus"], summary["Kazakhstan"]) == ("supportive", "hedging")
    assert summary["Armenia"] in ("hedging", "mixed"), "its readers saw seven hedging sentences and two supportive ones"
    assert lean["Belarus"] > 0.3
    assert lean["Armenia"] < 0


def test_a_page_from_file_standard_input_and_address(stance: Run, tmp_path: Path, site: str) -> None:
    path = tmp_path / "a.html"
    path.write_text(PAGE)
    from_file = rows(stance("label", path, "--format", "jsonl").stdout)
    from_stdin = rows(stance("label", "-", "--format", "jsonl", input=PAGE.encode()).stdout)
    from_web = rows(stance("label", f"{site}/a.html", "--format", "jsonl").stdout)
    assert [r["actor"] for r in from_file] == ["ARM", "BLR"]
    assert [r["sentence"] for r in from_file] == [r["sentence"] for r in from_stdin] == [r["sentence"] for r in from_web]
    assert from_web[0]["url"] == f"{site}/a.html"
    assert from_file[0]["title"] == "Summit ends in discord"


def test_a_missing_page_is_a_network_error(stance: Run, site: str) -> None:
    done = stance("label", f"{site}/none.html")
    assert done.returncode == 5
    assert "404" in done.stderr


def test_the_speaker_is_known(stance: Run) -> None:
    done = stance(
        "label", "-", "--speaker", "Armenia", "--format", "jsonl", input=b"We will not sign the declaration that Moscow has drafted."
    )
    assert [(r["actor"], r["mention"]) for r in rows(done.stdout)] == [("ARM", "We")]


def test_settings_from_the_environment_and_the_file(stance: Run, tmp_path: Path) -> None:
    text = b"Belarus thanked Moscow for the loan, and the minister said so in the hall."
    assert stance("label", "-", input=text, env={"STANCE_FORMAT": "jsonl"}).stdout.startswith("{")
    (tmp_path / "stance.toml").write_text('[label]\nform = "jsonl"\n')
    assert stance("label", "-", input=text, cwd=tmp_path).stdout.startswith("{")
    assert stance("label", "-", "--format", "csv", input=text, cwd=tmp_path).stdout.startswith("doc_id")
    (tmp_path / "stance.toml").write_text("[label")
    done = stance("label", "-", input=text, cwd=tmp_path)
    assert done.returncode == 2
    assert "stance.toml" in done.stderr


def test_version_help_and_doctor(stance: Run, root: Path) -> None:
    assert stance("--version").stdout.startswith("stance 0.")
    listed = stance("--help").stdout
    assert all(name in listed for name in ("label", "score", "evaluate", "doctor", "labels", "train", "promote", "ui"))
    done = stance("doctor")
    assert done.returncode == 0
    assert "PROBLEM" not in done.stdout
    assert stance("doctor", "--model", "nowhere").returncode == 4
