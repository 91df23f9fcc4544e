"""`stance score`: every source and form, and one bad document is not fatal."""

import csv
import json
from pathlib import Path

import duckdb
import pytest

from moscow_labels.records import Document
from moscow_stance.model import Scorer
from moscow_stance.predicting import predict
from tests.conftest import Run

A = "Armenia refused to sign the declaration that Moscow had drafted, and said so in the hall."
B = "Belarus praised the Kremlin and promised to send troops to the joint exercise of the alliance."


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    path = tmp_path / "in.jsonl"
    lines = [
        json.dumps({"id": "a", "text": A, "title": "T", "published": "2022-11-23", "outlet": "X", "mood": "grim"}),
        "{not json",
        json.dumps({"id": "empty", "text": "  "}),
        json.dumps(["not", "an", "object"]),
        json.dumps({"id": "b", "text": B}),
        json.dumps({"id": "copy", "text": A + "\n"}),
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_jsonl_to_jsonl(stance: Run, feed: Path, tmp_path: Path, scorer: Scorer) -> None:
    out = tmp_path / "out.jsonl"
    done = stance("score", feed, "--out", out)
    assert done.returncode == 3, "bad documents are said in the exit code"
    assert all(f"in.jsonl:{n}" in done.stderr for n in (2, 3, 4))
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(r["doc_id"], r["actor"], r["duplicate_of"]) for r in rows] == [("a", "ARM", None), ("b", "BLR", None), ("copy", "ARM", "a")]
    assert rows[0]["extra"] == {"mood": "grim"}
    assert (rows[0]["source"], rows[0]["title"], rows[0]["published"]) == ("X", "T", "2022-11-23")
    (alone,) = predict(Document("a", A), scorer)
    assert rows[0]["stance_p"] == dict(alone.stance_p), "a batch gives what one document gives"
    assert "3 documents, 3 units" in done.stderr


def test_every_form_holds_the_same(stance: Run, feed: Path, tmp_path: Path) -> None:
    for suffix in (".jsonl", ".csv", ".parquet"):
        assert stance("score", feed, "--out", tmp_path / f"out{suffix}").returncode == 3
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    with (tmp_path / "out.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    parts = str(tmp_path / "out.parquet" / "*.parquet")
    stored = duckdb.sql(f"SELECT doc_id, actor, stance, stance_p.hedging, mention_start, extra FROM read_parquet('{parts}')").fetchall()
    assert [(r["doc_id"], r["actor"], r["stance"]) for r in table] == [(r["doc_id"], r["actor"], r["stance"]) for r in lines]
    assert [row[:5] for row in stored] == [
        (r["doc_id"], r["actor"], r["stance"], r["stance_p"]["hedging"], r["mention_start"]) for r in lines
    ]
    assert json.loads(stored[0][5]) == {"mood": "grim"}


def test_parquet_keeps_control_characters(stance: Run, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text(
        json.dumps({"id": "x", "text": "Armenia refused\x00 to sign \x1b the declaration \u2028 of the alliance \ud800 again."}) + "\n"
    )
    done = stance("score", path, "--out", tmp_path / "o.parquet")
    assert done.returncode == 0, done.stderr
    ((count,),) = duckdb.sql(f"SELECT count(*) FROM read_parquet('{tmp_path}/o.parquet/*.parquet')").fetchall()
    assert count == 1


def test_csv_folder_and_feed(stance: Run, tmp_path: Path) -> None:
    table = tmp_path / "in.csv"
    with table.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerows([["id", "text", "speaker"], ["a", A, ""], ["s", "We praised the Kremlin for the loan that it gave us.", "Belarus"]])
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (folder / "one.txt").write_text(A)
    (folder / "sub" / "two.txt").write_text(B)
    (folder / "bad.txt").write_bytes(b"\x00\x00")
    feed = tmp_path / "news.xml"
    feed.write_text(
        '<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>'
        f"<item><title>No signature</title><link>http://x/1</link><pubDate>Wed, 23 Nov 2022 10:00:00 GMT</pubDate><description>&lt;p&gt;{A}&lt;/p&gt;"
        f"</description></item><item><title>{B}</title><link>http://x/2</link></item></channel></rss>"
    )
    expected = {table: ["ARM", "BLR"], folder: ["ARM", "BLR"], feed: ["ARM", "BLR"]}
    for source, actors in expected.items():
        out = tmp_path / f"{source.name}.out.jsonl"
        done = stance("score", source, "--out", out)
        assert done.returncode == (3 if source == folder else 0), done.stderr
        rows_out = [json.loads(line) for line in out.read_text().splitlines()]
        assert [r["actor"] for r in rows_out] == actors
    last = [json.loads(line) for line in (tmp_path / "news.xml.out.jsonl").read_text().splitlines()]
    assert last[0]["published"] == "2022-11-23T10:00:00Z"
    assert last[0]["url"] == "http://x/1"
    assert last[0]["sentence"] == A


def test_an_output_is_not_overwritten_unasked(stance: Run, feed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("precious")
    done = stance("score", feed, "--out", out)
    assert done.returncode == 2
    assert out.read_text() == "precious"
    assert stance("score", feed, "--out", out, "--overwrite").returncode == 3
    assert out.read_text() != "precious"


def test_sources_that_are_none(stance: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "x.docx").write_text("x")
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    (tmp_path / "x.xml").write_text("<html>no feed</html>")
    for name in ("nowhere.jsonl", "empty", "x.docx", "x.csv", "x.xml"):
        done = stance("score", tmp_path / name, "--out", tmp_path / f"{name}.out.jsonl")
        assert done.returncode == 3, name
        assert name in done.stderr


def test_an_entity_bomb_is_harmless(stance: Run, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xml"
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb.write_text(
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "Armenia ">{levels}]><rss version="2.0"><channel><item><title>&l11;</title></item></channel></rss>'
    )
    done = stance("score", bomb, "--out", tmp_path / "o.jsonl")
    assert done.returncode in (0, 3)
    assert (tmp_path / "o.jsonl").stat().st_size < 1_000_000


@pytest.mark.texts
def test_all_the_articles(stance: Run, texts, tmp_path: Path) -> None:
    out = tmp_path / "all.parquet"
    done = stance("score", texts.folder / "corpus" / "articles.jsonl", "--out", out)
    assert done.returncode == 0, done.stderr
    assert "503 documents" in done.stderr
    ((documents,),) = duckdb.sql(f"SELECT count(DISTINCT doc_id) FROM read_parquet('{out}/*.parquet')").fetchall()
    assert documents > 480
