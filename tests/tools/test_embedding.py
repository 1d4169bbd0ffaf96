"""The cache asks once, remembers across processes and lets no bad answer in."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faultfinder.memory.errors import AuditError, Interrupted, TargetError
from faultfinder.tools.embedding import CachedEncoder, cached, identity_of
from faultfinder.tools.hashing import HashEncoder


class Listening:
    """Answers like the hash encoder and keeps what it was asked."""

    name = "listening"

    def __init__(self):
        self.asked: list[str] = []
        self.largest = 0
        self._inner = HashEncoder()

    def embed_texts(self, texts: Sequence[str]):
        self.asked += texts
        self.largest = max(self.largest, len(texts))
        return self._inner.embed_texts(texts)


class Answering:
    """Answers whatever it was told to."""

    name = "odd model"

    def __init__(self, answer):
        self._answer = answer

    def embed_texts(self, texts: Sequence[str]):
        return self._answer(texts)


@given(st.lists(st.text(), max_size=40), st.integers(1, 7))
def test_the_vectors_are_the_encoders_own_and_each_text_is_asked_for_once(texts, batch):
    inner = Listening()
    encoder = CachedEncoder(inner, "x", batch=batch)
    found = [encoder.embed_texts(texts) for _ in range(2)]
    expected = HashEncoder().embed_texts(texts)
    for vectors in found:
        np.testing.assert_allclose(vectors.reshape(expected.shape), expected, atol=1e-6)
    assert sorted(inner.asked) == sorted(set(texts))
    assert encoder.texts_asked == len(set(texts))
    assert inner.largest <= batch


def test_what_was_asked_before_is_known_to_the_next_process(tmp_path):
    file = tmp_path / "deep" / "vectors.db"
    first = CachedEncoder(HashEncoder(), "weights 1", file).embed_texts(["a", "b"])
    inner = Listening()
    again = CachedEncoder(inner, "weights 1", file)
    np.testing.assert_array_equal(again.embed_texts(["b", "c", "a"])[[2, 0]], first)
    assert inner.asked == ["c"]


def test_other_weights_start_from_nothing(tmp_path):
    file = tmp_path / "vectors.db"
    CachedEncoder(HashEncoder(), "weights 1", file).embed_texts(["a"])
    inner = Listening()
    CachedEncoder(inner, "weights 2", file).embed_texts(["a"])
    assert inner.asked == ["a"]


def test_progress_counts_what_is_there_of_the_distinct_texts():
    told = []
    encoder = CachedEncoder(HashEncoder(), "x", batch=2)
    encoder.embed_texts(["a", "b"])
    encoder.embed_texts(["a", "c", "d", "c", "e"], lambda done, total: told.append((done, total)))
    assert told == [(3, 4), (4, 4)]


def test_stopping_between_batches_keeps_what_was_paid_for(tmp_path):
    def stop(done: int, total: int) -> None:
        raise Interrupted("enough")

    file = tmp_path / "vectors.db"
    with pytest.raises(Interrupted):
        CachedEncoder(HashEncoder(), "x", file, batch=2).embed_texts(list("abcdef"), stop)
    inner = Listening()
    CachedEncoder(inner, "x", file).embed_texts(list("abcdef"))
    assert inner.asked == list("cdef")


def test_rows_are_rescaled_to_unit_length():
    encoder = CachedEncoder(Answering(lambda texts: [[3.0, 4.0]] * len(texts)), "x")
    vectors = encoder.embed_texts(["a", "b"])
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, [[0.6, 0.8]] * 2, atol=1e-7)


def _nan_for_b(texts):
    return [[np.nan, 1] if text == "b" else [0, 1] for text in texts]


def _raise(texts):
    raise RuntimeError("out of disk\nand more")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda texts: np.ones((len(texts) + 1, 3)), r"shape \(3, 3\) instead of \(2, dimensions\).*'a'"),
        (lambda texts: np.ones((len(texts), 3, 2)), r"shape \(2, 3, 2\)"),
        (lambda texts: np.ones(len(texts)), r"shape \(2,\)"),
        (lambda texts: np.ones((len(texts), 0)), r"shape \(2, 0\)"),
        (lambda texts: [["x"]] * len(texts), "instead of numbers"),
        (lambda texts: None, "object instead of numbers"),
        (lambda texts: [[1.0], [1.0, 2.0]], "odd model failed on 'a'"),
        (lambda texts: np.zeros((len(texts), 3)), "vector of zeros for 'a'"),
        (lambda texts: np.full((len(texts), 3), np.inf), "NaN or infinity for 'a'"),
        (_nan_for_b, "NaN or infinity for 'b'"),
        (_raise, "odd model failed on 'a': RuntimeError: out of disk and more"),
        (lambda texts: sys.exit(3), "SystemExit: 3"),
    ],
)
def test_a_bad_answer_is_named_and_never_kept(answer, said, tmp_path):
    file = tmp_path / "vectors.db"
    with pytest.raises(TargetError, match=said):
        CachedEncoder(Answering(answer), "x", file).embed_texts(["a", "b"])
    inner = Listening()
    CachedEncoder(inner, "x", file).embed_texts(["a", "b"])
    assert inner.asked == ["a", "b"]


def test_a_batch_the_model_cannot_take_is_asked_for_in_parts():
    texts = [f"text {number}" for number in range(9)]
    small = CachedEncoder(Answering(lambda asked: HashEncoder().embed_texts(asked) if len(asked) < 4 else 1 / 0), "x")
    assert np.array_equal(small.embed_texts(texts), HashEncoder().embed_texts(texts))
    allergic = CachedEncoder(Answering(lambda asked: 1 / ("text 6" not in asked) * np.ones((len(asked), 2))), "x")
    with pytest.raises(TargetError, match="failed on 'text 6': ZeroDivisionError"):
        allergic.embed_texts(texts)


def test_the_number_of_dimensions_cannot_change():
    encoder = CachedEncoder(Answering(lambda texts: np.ones((len(texts), len(texts[0])))), "x")
    encoder.embed_texts(["aaa"])
    with pytest.raises(TargetError, match="4 dimensions after 3"):
        encoder.embed_texts(["bbbb"])


def test_a_file_that_is_no_cache_is_named(tmp_path):
    file = tmp_path / "vectors.db"
    file.write_bytes(b"something else entirely, and long enough to be read as a page" * 40)
    with pytest.raises(AuditError, match=r"vectors\.db cannot be used .*may be deleted"):
        CachedEncoder(HashEncoder(), "x", file)


def test_a_cache_in_the_place_of_a_file_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(AuditError, match="cannot be used"):
        CachedEncoder(HashEncoder(), "x", tmp_path / "file" / "vectors.db")


WRITER = """
import sys
from pathlib import Path
from faultfinder.tools.embedding import CachedEncoder
from faultfinder.tools.hashing import HashEncoder
encoder = CachedEncoder(HashEncoder(), "x", Path(sys.argv[1]), batch=3)
print("ready", flush=True)
encoder.embed_texts([f"text {number}" for number in range(int(sys.argv[2]), int(sys.argv[3]))])
"""


def _writer(file, start, stop):
    return subprocess.Popen([sys.executable, "-c", WRITER, file, str(start), str(stop)], stdout=subprocess.PIPE)


def test_a_writer_killed_at_any_moment_and_a_second_one_leave_a_whole_cache(tmp_path):
    file = tmp_path / "vectors.db"
    killed, other = _writer(file, 0, 100_000), _writer(file, 0, 900)
    killed.stdout.readline()
    time.sleep(0.5)
    os.kill(killed.pid, signal.SIGKILL)
    assert other.wait(timeout=60) == 0
    killed.wait()
    killed.stdout.close()
    other.stdout.close()
    texts = [f"text {number}" for number in range(900)]
    inner = Listening()
    found = CachedEncoder(inner, "x", file).embed_texts(texts)
    assert inner.asked == []
    np.testing.assert_allclose(found, HashEncoder().embed_texts(texts), atol=1e-6)
    assert sqlite3.connect(file).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_many_known_vectors_are_read_fast(tmp_path):
    rng = np.random.default_rng(0)
    texts = [f"caption number {number}" for number in range(25_000)]
    encoder = CachedEncoder(
        Answering(lambda some: rng.standard_normal((len(some), 384))), "x", tmp_path / "v.db", batch=5_000
    )
    encoder.embed_texts(texts)
    started = time.process_time()
    assert encoder.embed_texts(texts).shape == (25_000, 384)
    assert time.process_time() - started < 1


def test_only_an_encoder_that_knows_its_weights_is_cached_beyond_the_audit(tmp_path):
    plain, known = HashEncoder(), HashEncoder()
    known.identity = "v7"
    assert identity_of(plain, "python:a:b") is None
    assert identity_of(known, "python:a:b") == "python:a:b v7"
    shared, audit = tmp_path / "shared.db", tmp_path / "audit.db"
    cached(plain, "python:a:b", shared=shared, audit=audit).embed_texts(["a"])
    assert (shared.exists(), audit.exists()) == (False, True)
    cached(known, "python:a:b", shared=shared, audit=audit).embed_texts(["a"])
    assert shared.exists()
