import pytest

from faultfinder.memory.errors import ExplorerError
from faultfinder.tools.explorers.registry import DEFAULT, explorers, open_explorer, with_floor

PLUGIN = """
class Stubborn:
    name = "stubborn"
    def explore(self, environment, seed): ...

def broken():
    raise RuntimeError("out of order")
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    info = tmp_path / "faultfinder_explorers_under_test-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: faultfinder-explorers-under-test\nVersion: 1.0\n")
    entries = (
        "stubborn = my_explorers:Stubborn",
        "broken = my_explorers:broken",
        "odd = builtins:list",
        "ucb = builtins:list",
    )
    (info / "entry_points.txt").write_text("\n".join(["[faultfinder.explorers]", *entries]))
    (tmp_path / "my_explorers.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(str(tmp_path))


def test_every_explorer_opens_under_the_name_it_is_listed_by():
    listed = explorers()
    assert [open_explorer(info.name).name for info in listed] == [info.name for info in listed]
    assert DEFAULT in [info.name for info in listed]


def test_a_name_that_is_nearly_right_is_suggested():
    with pytest.raises(ExplorerError, match=r"no explorer 'tompson'; did you mean thompson\? Known: ucb, thompson"):
        open_explorer("tompson")


def test_packages_add_explorers_and_replace_none(installed):
    assert open_explorer("stubborn").name == "stubborn"
    assert open_explorer("ucb").name == "ucb"
    assert [info.about for info in explorers() if info.name == "stubborn"] == ["plug-in my_explorers:Stubborn"]


@pytest.mark.parametrize(("name", "said"), [("broken", "out of order"), ("odd", "list, which cannot explore")])
def test_packages_that_are_broken_are_named(name, said, installed):
    with pytest.raises(ExplorerError, match=said):
        open_explorer(name)


def test_the_share_spread_evenly_can_be_said_of_any_that_learns():
    for name in ("ucb", "thompson", "epsilon-greedy"):
        assert with_floor(open_explorer(name), 0.4).floor == 0.4
    chance = open_explorer("random")
    assert with_floor(chance, 0.4) is chance
