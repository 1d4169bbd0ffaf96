"""`openai-images:` against a scripted server: what passes is tried again in the open, what does not is said once."""

import base64
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import OpenAI

from faultfinder.memory.errors import BudgetSpent, PictureRefused, SpecError, TargetError, Waiting
from faultfinder.tools.registry import open_generator
from faultfinder.tools.targets.openai_images import KEY, PRICE, TRIES, URL, OpenAIImages, decode
from tests.support.images_server import ImagesServer, picture_of

PROMPT = "two green stars"
SECRET = "sk-very-secret-0123456789"


@pytest.fixture
def waits() -> list[tuple[str, float]]:
    return []


@pytest.fixture
def connect(waits):
    """Connect to a scripted server, with little patience."""
    clients = []

    def build(server: ImagesServer, model: str = "scripted", **kwargs: object) -> OpenAIImages:
        client = OpenAI(api_key=SECRET, base_url=server.url, max_retries=0, timeout=0.4)
        clients.append(client)
        generator = OpenAIImages(f"openai-images:{model}", model, client, first_wait=0.01, **kwargs)
        generator.wait_with(lambda why, seconds: waits.append((why, seconds)))
        return generator

    yield build
    for client in clients:
        client.close()


def test_pictures_come_in_the_order_of_the_prompts(connect, waits):
    prompts = [PROMPT, "a red ring", "a small blue cross"]
    with ImagesServer() as server:
        pictures = connect(server).generate(prompts, [1, 2, 3])
    assert [picture.tobytes() for picture in pictures] == [decode(_encoded(p), p).tobytes() for p in prompts]
    assert [body["prompt"] for body in server.bodies] == prompts
    assert {(body["model"], body["n"], body["response_format"]) for body in server.bodies} == {
        ("scripted", 1, "b64_json")
    }
    assert not waits


def _encoded(prompt: str) -> str:
    return base64.b64encode(picture_of(prompt)).decode()


def test_the_protocol_has_no_seed_and_the_settings_say_so(connect):
    with ImagesServer() as server:
        generator = connect(server, size="64x64")
        generator.generate([PROMPT], [7])
    assert "seed" not in server.bodies[0]
    assert server.bodies[0]["size"] == "64x64"
    assert generator.settings == {"seed": "not sent: the protocol has none", "size": "64x64"}


@pytest.mark.parametrize("model", ["gpt-image-1", "gpt-image-1-mini", "chatgpt-image-latest"])
def test_models_that_refuse_to_be_asked_for_base64_are_not_asked(connect, model):
    with ImagesServer() as server:
        connect(server, model).generate([PROMPT], [1])
    assert "response_format" not in server.bodies[0]


def test_a_server_that_does_not_know_the_form_is_asked_without_it_from_then_on(connect, waits):
    with ImagesServer(["form"]) as server:
        connect(server).generate([PROMPT, PROMPT], [1, 2])
    assert ["response_format" in body for body in server.bodies] == [True, False, False]
    assert not waits


def test_a_busy_server_is_waited_for_as_long_as_it_asks(connect, waits):
    with ImagesServer(["429", "500"], retry_after="3") as server:
        assert len(connect(server).generate([PROMPT], [1])) == 1
    assert [seconds for _, seconds in waits] == [3.0, 0.02]
    assert waits[0][0] == "openai-images:scripted: HTTP 429: slow down; waiting 3 s, 4 tries left"
    assert len(server.keys) == 1


@pytest.mark.parametrize("retry_after", ["soon", "", "nan", "-5", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_a_wait_that_cannot_be_read_is_our_own(connect, waits, retry_after):
    with ImagesServer(["429"], retry_after=retry_after) as server:
        connect(server).generate([PROMPT], [1])
    assert 0 <= waits[0][1] <= 0.01


def test_a_server_that_asks_for_an_hour_is_given_up_on(connect, waits):
    with ImagesServer(["429"], retry_after="3600") as server, pytest.raises(TargetError, match="HTTP 429: slow down"):
        connect(server).generate([PROMPT], [1])
    assert not waits


@pytest.mark.parametrize(
    ("manner", "said"),
    [
        ("500", "HTTP 500: the painter fell off the ladder"),
        ("hang", f"APITimeoutError after {TRIES} tries"),
        ("broken off", f"APIConnectionError after {TRIES} tries"),
    ],
)
def test_tries_are_bounded(connect, waits, manner, said):
    with ImagesServer([manner] * 20) as server, pytest.raises(TargetError, match=said):
        connect(server).generate([PROMPT], [1])
    assert len(server.bodies) == TRIES
    assert len(waits) == TRIES - 1


def test_a_server_that_is_not_there_is_named(connect, waits):
    with ImagesServer() as server:
        generator = connect(server)
    with pytest.raises(TargetError, match=f"'two green stars': APIConnectionError after {TRIES} tries"):
        generator.generate([PROMPT], [1])


@pytest.mark.parametrize("manner", ["400"])
def test_an_error_that_will_not_pass_is_not_tried_again(connect, waits, manner):
    with ImagesServer([manner]) as server, pytest.raises(TargetError, match="size must be a multiple of 8"):
        connect(server).generate([PROMPT], [1])
    assert not waits


@pytest.mark.parametrize(
    ("manner", "said"),
    [("401", "HTTP 401: .*; check the key"), ("404", "HTTP 404: no such model; check the model's name")],
)
def test_what_a_person_has_to_correct_ends_the_audit_at_once(connect, waits, manner, said):
    with ImagesServer([manner]) as server, pytest.raises(SpecError, match=said):
        connect(server).generate([PROMPT], [1])
    assert not waits


def test_an_account_without_credit_pauses_the_audit(connect, waits):
    with ImagesServer(["quota"]) as server, pytest.raises(Waiting, match="waiting for credit: openai-images:scripted"):
        connect(server).generate([PROMPT], [1])
    assert not waits


def test_a_prompt_refused_for_its_content_is_refused_once(connect, waits):
    with ImagesServer() as server, pytest.raises(PictureRefused, match="rejected by our safety system"):
        connect(server).generate(["a gun"], [1])
    assert len(server.bodies) == 1
    assert not waits


@pytest.mark.parametrize(
    ("manner", "said"),
    [
        ("no base64", "what came is no base64"),
        ("cut", "what came is no whole PNG, JPEG or WebP picture"),
        ("no picture", "what came is no whole PNG"),
        ("huge", "5000 x 5000 pixels, more than 16,777,216"),
        ("empty", r"holds no picture \(b64_json\)"),
        ("nothing", "holds no picture"),
        ("list", "holds no picture|cannot be read"),
        ("prose", "cannot be read"),
    ],
)
def test_what_is_no_picture_is_an_error_of_the_target(connect, manner, said):
    with ImagesServer([manner]) as server, pytest.raises(TargetError, match=f"'two green stars'.*({said})"):
        connect(server).generate([PROMPT], [1])


def test_a_picture_written_as_a_data_address_is_taken(connect):
    with ImagesServer(["data address"]) as server:
        assert len(connect(server).generate([PROMPT], [1])) == 1


def test_an_address_is_never_fetched_and_the_person_is_told_what_to_do(connect):
    with ImagesServer(["url"]) as server, pytest.raises(SpecError, match=r"not fetched; set the server .* folder:DIR"):
        connect(server).generate([PROMPT], [1])


def test_the_key_is_never_printed(connect, waits):
    with ImagesServer(["401"]) as server, pytest.raises(SpecError) as told:
        connect(server).generate([PROMPT], [1])
    assert server.authorization == SECRET, "the server has seen it, and repeats it"
    assert "Incorrect API key provided: ***" in str(told.value)
    assert SECRET not in repr(told.getrepr(style="long"))


def test_what_was_paid_is_counted_and_lost_answers_with_it(connect):
    with ImagesServer(["500", "good", "hang", "good"]) as server:
        generator = connect(server, price=0.04)
        generator.generate([PROMPT, PROMPT], [1, 2])
        with pytest.raises(PictureRefused):
            generator.generate(["a gun"], [3])
    assert generator.usd_spent == pytest.approx(0.12), "two pictures and one that came too late"
    assert len(server.keys) == 2, "the server knows a repetition by its key"


def test_a_wait_may_end_the_audit(connect):
    def ends(why: str, seconds: float) -> None:
        raise BudgetSpent("max_minutes")

    with ImagesServer(["429"], retry_after="60") as server:
        generator = connect(server)
        generator.wait_with(ends)
        with pytest.raises(BudgetSpent, match="max_minutes"):
            generator.generate([PROMPT], [1])


@pytest.fixture
def own_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ImagesServer]:
    with ImagesServer() as server:
        monkeypatch.setenv(URL, server.url)
        monkeypatch.setenv(KEY, SECRET)
        yield server


def test_a_spec_is_connected_by_the_environment(own_server, monkeypatch):
    monkeypatch.setenv(PRICE, "0.5")
    generator = open_generator("openai-images:some-model@size=48x48")
    (picture,) = generator.generate([PROMPT], [1])
    assert picture.tobytes() == decode(_encoded(PROMPT), "it").tobytes()
    assert own_server.bodies[0] | {"prompt": PROMPT, "size": "48x48"} == own_server.bodies[0]
    assert generator.usd_spent == 0.5
    assert generator.batch == 1
    generator._generator._client.close()


@pytest.mark.parametrize("price", ["free", "-1", "nan", "inf"])
def test_a_price_that_is_none_is_named(own_server, monkeypatch, price):
    monkeypatch.setenv(PRICE, price)
    with pytest.raises(SpecError, match=f"{PRICE} is '{price}', which is no number of dollars"):
        open_generator("openai-images:some-model")


@pytest.mark.parametrize("rest", ["@size=64x64", "m@64x64", "m@width=64"])
def test_a_spec_out_of_form_says_what_to_write(own_server, rest):
    with pytest.raises(SpecError, match="write openai-images:MODEL or openai-images:MODEL@size="):
        open_generator(f"openai-images:{rest}")


def test_openais_own_server_wants_a_key():
    with pytest.raises(SpecError, match=f"needs a key: set {KEY}, or {URL}"):
        open_generator("openai-images:gpt-image-1")


@given(st.text(max_size=200))
def test_no_text_gets_past_the_decoder(text):
    with pytest.raises(TargetError, match=r"^it: what came is no"):
        decode(text, "it")


@given(st.binary(max_size=300))
def test_no_bytes_get_past_the_decoder(content):
    with pytest.raises(TargetError, match=r"^it: what came is no whole"):
        decode(base64.b64encode(content).decode(), "it")


@given(st.data())
def test_a_picture_spoilt_in_one_place_is_a_picture_or_an_error(data):
    content = bytearray(picture_of(PROMPT))
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(TargetError):
        assert decode(base64.b64encode(content).decode(), "it").mode == "RGB"
