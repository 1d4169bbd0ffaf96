"""The page's server: who is let in, what is taken, and that nothing is counted twice."""

import json

import pytest
from starlette.testclient import TestClient

from faultfinder.memory.errors import AuditError
from faultfinder.memory.people_records import Answer, Ask, Label, standing
from faultfinder.tools.people.guard import HEADERS, Place
from faultfinder.tools.people.raters_queue import turn
from faultfinder.tools.people.server import LARGEST_BODY, ReviewPage, new_token
from tests.support.reviewing import MemoryDesk, png, question

pytestmark = pytest.mark.enable_socket

HOSTILE = '"><script>alert(1)</script>../../etc/passwd\u202e'
ASKED = [question(1), question(2), question(3, Ask.MEANING), question(4, Ask.OPEN, text=HOSTILE, a="", b="")]
PLACE = Place("127.0.0.1", 8123, new_token())
HOME = f"/{PLACE.token}"
ORIGIN = {"origin": "http://127.0.0.1:8123"}


@pytest.fixture
def desk() -> MemoryDesk:
    return MemoryDesk(ASKED)


@pytest.fixture
def client(desk: MemoryDesk) -> TestClient:
    app = ReviewPage(desk).app(PLACE)
    return TestClient(app, base_url="http://127.0.0.1:8123", raise_server_exceptions=False)


def given(**changes: object) -> dict[str, object]:
    return {"id": "0123456789abcdef", "question": ASKED[0].id, "rater": "Ann", "answer": "first", "note": ""} | changes


def post(client: TestClient, **changes: object) -> object:
    return client.post(f"{HOME}/api/labels", json=given(**changes), headers=ORIGIN)


@pytest.mark.parametrize(
    "address",
    ["/", "/api/turn?rater=Ann", "/wrong/", f"/{PLACE.token}x/", f"/{PLACE.token[:-1]}/", "/review.js", HOME],
    ids=["root", "answers", "another word", "too long", "too short", "script", "no slash"],
)
def test_without_the_secret_nothing_opens(client: TestClient, address: str) -> None:
    answer = client.get(address, follow_redirects=False)
    assert answer.status_code == 403
    assert PLACE.token not in answer.text


@pytest.mark.parametrize("host", ["evil.example:8123", "127.0.0.1", "127.0.0.1:9", "localhost.evil.example:8123", ""])
def test_a_foreign_name_is_not_served(client: TestClient, host: str) -> None:
    assert client.get(f"{HOME}/", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1:8123", "localhost:8123", "[::1]:8123"])
def test_our_own_names_are(client: TestClient, host: str) -> None:
    assert client.get(f"{HOME}/", headers={"host": host}).status_code == 200


def test_beyond_loopback_numbers_are_served_and_foreign_names_are_not() -> None:
    everywhere = Place("0.0.0.0", 80, "t")
    assert everywhere.is_ours("192.168.1.7:80")
    assert not everywhere.is_ours("evil.example:80")
    assert not everywhere.is_loopback
    assert Place("review.lan", 80, "t").is_ours("review.lan:80")
    assert Place("::1", 80, "t").url == "http://[::1]:80/t/"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "https://127.0.0.1:8123"},
        ORIGIN | {"sec-fetch-site": "cross-site"},
        ORIGIN | {"sec-fetch-site": "same-site"},
    ],
)
def test_only_the_page_itself_may_write(client: TestClient, desk: MemoryDesk, headers: dict[str, str]) -> None:
    assert client.post(f"{HOME}/api/labels", json=given(), headers=headers).status_code == 403
    assert desk.labels() == []


def test_other_sites_may_open_the_page_but_read_nothing(client: TestClient) -> None:
    foreign = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    assert client.get(f"{HOME}/api/audit", headers=foreign).status_code == 403
    assert client.get(f"{HOME}/", headers=foreign | {"sec-fetch-mode": "navigate"}).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(client: TestClient, method: str) -> None:
    assert client.request(method, f"{HOME}/api/labels", headers=ORIGIN).status_code == 405


@pytest.mark.parametrize(
    "address", ["", "review.js", "review.css", "icon.svg", "api/audit", "nothing", "api/picture/x"]
)
def test_every_answer_is_sealed(client: TestClient, address: str) -> None:
    answer = client.get(f"{HOME}/{address}")
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "server" not in answer.headers


@pytest.mark.parametrize(
    "path",
    ["../pyproject.toml", "..%2f..%2fpyproject.toml", "page/index.html", "%2e%2e/server.py", "api/picture/..%2f..%2fx",
     "api/picture/%2fetc%2fpasswd", "review.js/../../server.py", "api/picture/" + "q" * 5000],
)  # fmt: skip
def test_no_path_of_a_request_is_opened(client: TestClient, path: str) -> None:
    desk_path = client.get(f"{HOME}/{path}")
    assert desk_path.status_code in (403, 404) or desk_path.headers["content-type"] == "image/png"
    assert "setuptools" not in desk_path.text
    assert "root:" not in desk_path.text


def test_an_answer_is_kept_in_the_cases_order_and_the_next_question_shown(client: TestClient, desk: MemoryDesk) -> None:
    turned = client.get(f"{HOME}/api/turn", params={"rater": " ann "}).json()
    assert (turned["done"], turned["total"], turned["last"]) == (0, 4, None)
    said = post(client, note=" what? ").json()
    (kept,) = desk.labels()
    assert kept.answer is turn("Ann", ASKED[0], Answer.FIRST)
    assert (kept.rater, kept.note) == ("Ann", "what?")
    assert (said["done"], said["last"], said["replaced"]) == (1, ASKED[0].id, False)
    assert said["item"]["question"] != ASKED[0].id
    assert client.get(f"{HOME}/api/turn", params={"rater": "ANN"}).json()["done"] == 1


def test_sent_again_it_counts_once(client: TestClient, desk: MemoryDesk) -> None:
    assert post(client).json() == post(client).json()
    assert len(desk.labels()) == 1


def test_of_two_tabs_the_last_answer_counts(client: TestClient, desk: MemoryDesk) -> None:
    post(client)
    said = post(client, id="fedcba9876543210", answer="neither").json()
    assert said["replaced"] is True
    assert said["done"] == 1
    assert [each.answer for each in standing(desk.labels()).values()] == [Answer.NEITHER]


def test_taking_back_shows_the_question_again(client: TestClient, desk: MemoryDesk) -> None:
    post(client)
    said = post(client, id="a" * 16, answer=None).json()
    assert (said["done"], said["item"]["question"], said["item"]["given"]) == (0, ASKED[0].id, None)
    assert len(desk.labels()) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"question": "q-unknown"},
        {"answer": "maybe"},
        {"answer": "yes"},
        {"answer": ["first"]},
        {"rater": ""},
        {"rater": "x" * 61},
        {"rater": "\x00"},
        {"id": "short"},
        {"id": "../../../../etc/passwd"},
        {"id": "x" * 81},
        {"note": "x" * 2001},
        {"case": "h1-p01"},
        {"question": {"$ne": None}},
    ],
)
def test_what_is_no_answer_is_refused(client: TestClient, desk: MemoryDesk, changes: dict[str, object]) -> None:
    answer = post(client, **changes)
    assert answer.status_code == 422
    assert desk.labels() == []


def test_an_id_is_never_two_answers(client: TestClient, desk: MemoryDesk) -> None:
    post(client)
    assert post(client, answer="neither").status_code == 422
    assert len(desk.labels()) == 1


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"x" * (LARGEST_BODY + 1), "application/json", 413),
        (b"{}", "application/x-www-form-urlencoded", 415),
        (b"", "application/json", 422),
        (b"[" * 9000, "application/json", 422),
        (b"\xff\xfe", "application/json", 422),
        (json.dumps(given()).encode(), "text/plain", 415),
    ],
)
def test_a_body_is_read_within_bounds(client: TestClient, content: bytes, kind: str, status: int) -> None:
    answer = client.post(f"{HOME}/api/labels", content=content, headers=ORIGIN | {"content-type": kind})
    assert answer.status_code == status


def test_pictures_are_found_by_question_and_a_missing_one_is_said(client: TestClient, desk: MemoryDesk) -> None:
    desk.pictures = {ASKED[1].id: None}
    assert client.get(f"{HOME}/api/picture/{ASKED[0].id}").content == png()
    assert client.get(f"{HOME}/api/picture/{ASKED[1].id}").status_code == 404


def test_trouble_with_the_ledger_is_said_and_can_be_tried_again(client: TestClient, desk: MemoryDesk) -> None:
    def broken(labels: object) -> None:
        raise AuditError("the disk is full")

    keep, desk.append = desk.append, broken  # type: ignore[method-assign, assignment]
    assert (post(client).status_code, post(client).json()) == (503, {"error": "the disk is full"})
    desk.append = keep  # type: ignore[method-assign]
    assert post(client).status_code == 200


def test_agreement_is_told_at_the_end_only(client: TestClient, desk: MemoryDesk) -> None:
    for number, asked in enumerate(ASKED):
        desk.append([Label(id=f"bob-{number}", question=asked.id, rater="Bob", answer=Answer.CANNOT_TELL, at="now")])
        said = post(client, id=f"{number}" * 16, question=asked.id, answer="cannot tell").json()
        assert (said["agreement"] is not None) == (number == len(ASKED) - 1)
    assert said["item"] is None
    assert said["agreement"]["reason"] == "all answers are the same"


def test_a_thousand_questions_are_quick(client: TestClient, desk: MemoryDesk) -> None:
    desk.asked = [question(number) for number in range(1000)]
    desk.append(
        [
            Label(id=f"b{n}", question=each.id, rater="B", answer=Answer.FIRST, at="")
            for n, each in enumerate(desk.asked)
        ]
    )
    assert post(client, question=desk.asked[5].id).json()["total"] == 1000
    assert post(client, question=desk.asked[5].id).elapsed.total_seconds() < 1
