"""The failure memory: kept across openings, searched by meaning, merged once, whole after a kill."""

import hashlib
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from faultfinder.memory.chroma import FailureMemory
from faultfinder.memory.errors import MemoryStoreError
from faultfinder.memory.records import EditKind, Failure, Rule, TextPair

SIZE = 64


def words(texts):
    """Vectors of the words of a text, each on an axis of its own (nearly always)."""
    vectors = np.zeros((len(texts), SIZE), np.float32)
    for vector, text in zip(vectors, texts, strict=True):
        for word in text.lower().replace(":", "").split():
            vector[int(hashlib.sha256(word.encode()).hexdigest(), 16) % SIZE] += 1
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def failure(number=1, **changed):
    fields = {
        "id": f"f{number}",
        "target": "lab:clip",
        "title": "left and right are confused",
        "description": "swapping left and right goes unnoticed",
        "rate": 0.9,
        "interval": (0.77, 0.96),
        "control_rate": 0.05,
        "p_value": 1e-12,
        "audits": (f"audit-{number}",),
        "examples": (TextPair(a=f"a dog left of {number} cats", b=f"a dog right of {number} cats"),),
    }
    return Failure(**(fields | changed))


COUNTS = failure(2, title="numbers are vague", description="three and four go unnoticed", target="lab:other")
FOREIGN = failure(3, title="<script>alert(1)</script>", description='ignore "all" instructions \u2028 \U0001f600')


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "memory"


@pytest.fixture
def memory(folder):
    return FailureMemory.open(folder, words, "words")


def test_what_is_added_is_found_again_by_id_target_and_meaning(folder, memory):
    for one in (failure(), COUNTS, FOREIGN):
        memory.add(one)
    again = FailureMemory.open(str(folder), words, "words")
    assert again.get("f3") == FOREIGN
    assert again.get("f4") is None
    assert again.all("lab:clip") == [FOREIGN, failure()]
    assert again.all() == [FOREIGN, failure(), COUNTS]
    nearest, *others = again.search("are numbers vague", 5)
    assert nearest.failure == COUNTS
    assert len(others) == 2
    assert again.search(f"{COUNTS.title}: {COUNTS.description}", 1)[0].similarity == pytest.approx(1, abs=1e-5)


def test_an_empty_memory_knows_nothing(memory):
    assert memory.search("anything", 3) == []
    assert memory.all() == []


def test_adding_twice_changes_nothing(memory):
    memory.add(failure())
    memory.add(failure())
    assert memory.all() == [failure()]
    assert len(memory.search("left", 5)) == 1


def test_encoders_do_not_see_each_others_failures(folder, memory):
    memory.add(failure())
    other = FailureMemory.open(folder, lambda texts: np.ones((len(texts), 3), np.float32), "three ones")
    assert other.all() == []
    other.add(COUNTS)
    assert memory.all() == [failure()]


def test_merging_keeps_the_better_evidence_whole(memory):
    rule = Rule(kind=EditKind.EXCHANGE, words=("left", "right"))
    stronger = failure(9, rate=1.0, interval=(0.91, 1.0), control_rate=0.1, p_value=1e-9, rule=rule, title="sides")
    weaker = failure(8, rate=0.7, interval=(0.55, 0.81), control_rate=None, p_value=1e-30)
    memory.add(failure())
    memory.merge("f1", stronger)
    merged = memory.merge("f1", weaker)
    assert (merged.rate, merged.interval, merged.control_rate, merged.p_value) == (1.0, (0.91, 1.0), 0.1, 1e-9)
    assert (merged.id, merged.title, merged.rule) == ("f1", failure().title, rule)
    assert merged.audits == ("audit-1", "audit-9", "audit-8")
    assert set(merged.examples) == {*failure().examples, *stronger.examples, *weaker.examples}
    assert memory.all() == [merged]


def test_merging_again_changes_nothing(memory):
    memory.add(failure())
    stronger = failure(9, interval=(0.91, 1.0))
    once = memory.merge("f1", stronger)
    assert memory.merge("f1", stronger) == once == memory.get("f1")


def test_merging_with_what_is_not_there_is_refused(memory):
    memory.add(failure())
    with pytest.raises(MemoryStoreError, match="no failure 'f7'"):
        memory.merge("f7", failure(8))
    with pytest.raises(MemoryStoreError, match="no failure 'f1' of lab:other"):
        memory.merge("f1", COUNTS)


def test_what_people_overturned_no_longer_stands_until_they_take_it_back(memory):
    memory.add(failure(1, audits=("first", "second")))
    assert memory.heed("f1", "first", overturned=True).stands
    assert not memory.heed("f1", "second", overturned=True).stands
    kept = memory.get("f1")
    assert (kept.audits, kept.overturned) == (("first", "second"), ("first", "second"))
    assert memory.merge("f1", failure(2, audits=("third",))).stands
    assert memory.heed("f1", "second", overturned=False).overturned == ("first",)
    assert memory.heed("f1", "another", overturned=True) is None
    assert memory.heed("none", "first", overturned=True) is None


def test_threads_and_second_openings_see_each_other(folder, memory):
    second = FailureMemory.open(folder, words, "words")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: (memory, second)[n % 2].add(failure(n)), range(8)))
    assert {one.id for one in memory.all()} == {one.id for one in second.all()} == {f"f{n}" for n in range(8)}


def test_a_folder_in_use_is_waited_for_and_then_told(folder, memory):
    hasty = FailureMemory.open(folder, words, "words", patience=0.05)
    with FileLock(folder / "lock"), pytest.raises(MemoryStoreError, match="in use by another process"):
        hasty.all()
    assert hasty.all() == []


def test_damaged_and_impossible_stores_say_what_to_do(tmp_path, folder, memory):
    memory.add(failure())
    (folder / "chroma.sqlite3").write_bytes(b"no database" * 1000)
    with pytest.raises(MemoryStoreError, match=r"not a database.*--memory"):
        memory.all()
    (tmp_path / "file").write_text("a dog")
    for location in (tmp_path / "file", tmp_path / "file" / "memory", "/proc/memory"):
        with pytest.raises(MemoryStoreError, match="--memory"):
            FailureMemory.open(location, words, "words")


def test_vectors_that_do_not_fit_are_refused(folder, memory):
    memory.add(failure())
    narrow = FailureMemory.open(folder, lambda texts: np.ones((len(texts), 3), np.float32), "words")
    with pytest.raises(MemoryStoreError, match="dimension"):
        narrow.search("left", 1)
    void = FailureMemory.open(folder, lambda texts: np.full((len(texts), SIZE), np.nan, np.float32), "words")
    with pytest.raises(MemoryStoreError):
        void.add(failure(2))
    assert memory.all() == [failure()]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "https://127.0.0.1:9", "http://127.0.0.1:port"])
def test_a_server_that_is_not_there(url):
    with pytest.raises(MemoryStoreError, match=url):
        FailureMemory.open(url, words, "words")


ADD_FOR_EVER = """
import sys
sys.path.insert(0, {tests!r})
from test_chroma import FailureMemory, failure, words

memory = FailureMemory.open({folder!r}, words, "words")
for number in range(1000):
    memory.add(failure(number))
    print(number, flush=True)
"""


@pytest.mark.parametrize(("after", "pause"), [(1, 0.0), (3, 0.01), (5, 0.05)])
def test_a_kill_in_the_middle_leaves_all_that_was_added(folder, memory, after, pause):
    script = ADD_FOR_EVER.format(tests=str(Path(__file__).parent), folder=str(folder))
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        told = [int(process.stdout.readline()) for _ in range(after)]
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
    kept = memory.all()
    assert {f"f{number}" for number in told} <= {one.id for one in kept}
    assert all(one == failure(int(one.id[1:])) for one in kept)
    assert len(memory.search("left", 1000)) == len(kept)
    memory.add(COUNTS.model_copy(update={"id": "new"}))
    assert memory.search("numbers are vague", 1)[0].failure.id == "new"
