"""Reading suites: what earlier versions wrote, what is broken, and what cannot be one suite."""

import json
from pathlib import Path

import pytest

from faultfinder.agent.report.suite import SuiteCase
from faultfinder.agent.suites.files import find_suite, read_suites
from faultfinder.memory.errors import SuiteError
from faultfinder.memory.records import Role
from tests.support.suites import case, suite_of, write

TWO = {"night/h1": ("fff", "ppp"), "night/h2": ("ffp", "pp")}

# A line as the first version wrote it, and one of a generator's suite.
FIRST_SCHEMA = (
    '{"schema":"faultfinder.suite/1","failure":"lr/h1","title":"left and right are confused","description":"d",'
    '"case":"h1-p01","role":"probe","a":"a dog left of a cat","b":"a dog right of a cat",'
    '"judgement":"lexicon: antonyms",'
    '"outcome":"fail","target_similarity":1.0,"bar":{"method":"rewordings","value":0.998},'
    '"settings":{"target":"lab:clip","reference":null,"corpus":"lab","agreement":null,"seed":0}}'
)
FIRST_SCHEMA_PAINTED = FIRST_SCHEMA.replace('"target_similarity":1.0', '"target_similarity":null').replace(
    '"value":0.998', '"value":null'
)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    suite = suite_of(TWO)
    found = read_suites([write(tmp_path / "s.jsonl", suite)])
    assert found.cases == suite.cases
    assert len(found.sha256) == 64
    assert found.audits == ["night"]
    assert {failure: len(cases) for failure, cases in found.by_failure().items()} == {"night/h1": 6, "night/h2": 5}


@pytest.mark.parametrize(("line", "paints"), [(FIRST_SCHEMA, False), (FIRST_SCHEMA_PAINTED, True)])
def test_suites_of_the_first_schema_are_still_read(tmp_path: Path, line: str, paints: bool) -> None:
    (tmp_path / "s.jsonl").write_text(f"{line}\n")
    found = read_suites([tmp_path / "s.jsonl"])
    assert found.cases[0].key == "lr/h1-p01"
    assert found.paints is paints
    assert found.cases[0].bar.rewordings == ()


def changed(**fields: object) -> str:
    return json.dumps(json.loads(FIRST_SCHEMA) | fields)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "holds no case"),
        (b"\n\n", "holds no case"),
        (b"{", ":1: no JSON"),
        (b"[]", ":1: its schema is 'None'"),
        (changed(schema="faultfinder.suite/9").encode(), "a newer Faultfinder may have written it"),
        (changed(role="judge").encode(), ":1: role: Input should be 'probe' or 'control'"),
        (changed(more=1).encode(), ":1: more: Extra inputs are not permitted"),
        (f"{FIRST_SCHEMA}\n{FIRST_SCHEMA}".encode(), "the case lr/h1-p01 comes 2 times"),
        (f"{FIRST_SCHEMA}\n{FIRST_SCHEMA_PAINTED.replace('h1-p01', 'h1-p02')}".encode(), "not of one kind"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"x\n" * 9, "... and 4 more lines"),
    ],
)
def test_what_is_no_suite_is_said_with_its_line(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(content)
    with pytest.raises(SuiteError) as refused:
        read_suites([path])
    assert says in str(refused.value)


def test_several_suites_are_read_as_one_but_none_twice(tmp_path: Path) -> None:
    one = write(tmp_path / "1.jsonl", suite_of({"night/h1": ("ff", "pp")}))
    other = write(tmp_path / "2.jsonl", suite_of({"day/h1": ("ff", "pp")}))
    assert len(read_suites([one, other]).cases) == 8
    with pytest.raises(SuiteError, match="comes 2 times"):
        read_suites([one, one])


def test_a_suite_is_found_as_a_file_a_folder_or_an_audit(tmp_path: Path) -> None:
    audits = tmp_path / "audits"
    (audits / "night").mkdir(parents=True)
    path = write(audits / "night" / "suite.jsonl", suite_of(TWO))
    for said in (str(path), str(path.parent), "night"):
        assert find_suite(said, audits) == path
    with pytest.raises(SuiteError, match="neither a file, nor an audit"):
        find_suite("day", audits)
    path.unlink()
    (path.parent / "audit.db").touch()
    with pytest.raises(SuiteError, match="`faultfinder report night` writes it"):
        find_suite("night", audits)


def test_a_failure_is_named_with_its_audit_so_that_cases_of_two_audits_differ() -> None:
    keys = {case(failure, Role.PROBE, 1).key for failure in ("night/h1", "day/h1")}
    assert keys == {"night/h1-p01", "day/h1-p01"}


def test_the_two_schemas_share_every_field_of_the_first() -> None:
    fields = {field.alias or name for name, field in SuiteCase.model_fields.items()}
    assert set(json.loads(FIRST_SCHEMA)) == fields - {"change"}
