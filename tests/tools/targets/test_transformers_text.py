"""The adapter for transformers, on small models with random weights saved to folders."""

import json

import pytest

from faultfinder.agent.landscape.targets import open_target
from faultfinder.memory.errors import ResponseRefused, SpecError, TargetError
from faultfinder.memory.records import AuditSettings
from faultfinder.tools.registry import open_text_model
from faultfinder.tools.targets.conversations import conversation_of
from faultfinder.tools.torchvision_shim import ensure_torchvision
from tests.support.text_models import TEXTS, check_text_model

ROOM = 64
CHAT = "{% for m in messages %}<s> {{ m['content'] }} {% endfor %}{% if add_generation_prompt %}a dog{% endif %}"


@pytest.fixture(scope="module")
def folders(tmp_path_factory, word_tokenizer):
    """A small T5 with a prefix for summaries, and a small Llama with a chat template."""
    ensure_torchvision()
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM, T5Config, T5ForConditionalGeneration

    tokenizer = AutoTokenizer.from_pretrained(word_tokenizer)
    shape = {"vocab_size": 64, "pad_token_id": 1, "eos_token_id": 2}
    rewriter = T5Config(
        d_model=32, d_kv=16, d_ff=64, num_layers=2, num_heads=2, decoder_start_token_id=1,
        task_specific_params={"summarization": {"prefix": "two men: "}}, **shape,
    )  # fmt: skip
    writer = LlamaConfig(
        hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2, bos_token_id=0,
        max_position_embeddings=ROOM, **shape,
    )  # fmt: skip
    found = {}
    for name, kind, config in (("t5", T5ForConditionalGeneration, rewriter), ("llama", LlamaForCausalLM, writer)):
        found[name] = tmp_path_factory.mktemp(name)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(3)
            model = kind(config)
            for parameter in model.parameters():  # the library's own start is so near zero that nothing is ever said
                torch.nn.init.normal_(parameter, std=0.5)
            model.save_pretrained(found[name])
        tokenizer.chat_template = CHAT if name == "llama" else None
        tokenizer.save_pretrained(found[name])
    return found


@pytest.mark.parametrize("name", ["t5", "llama"])
@pytest.mark.parametrize("batch", [1, 4])
def test_a_saved_model_keeps_the_contract(folders, name, batch):
    check_text_model(open_text_model(f"transformers:{folders[name]}@tokens=8,batch={batch},device=cpu"))


def test_a_model_says_what_it_is_given_for_a_text(folders):
    rewriter = open_text_model(f"transformers:{folders['t5']}")
    assert [turn.content for turn in conversation_of(rewriter, "a dog")] == ["two men: a dog"]
    writer = open_text_model(f"transformers:{folders['llama']}@instruction=In short: {{text}}")
    assert [(turn.role, turn.content) for turn in conversation_of(writer, "a dog")] == [("user", "In short: a dog")]


def test_answers_are_the_librarys_own_greedy_ones(folders):
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folders["t5"])
    read = tokenizer(f"two men: {TEXTS[3]}", return_tensors="pt")
    made = AutoModelForSeq2SeqLM.from_pretrained(folders["t5"]).generate(
        input_ids=read["input_ids"], attention_mask=read["attention_mask"], do_sample=False, max_new_tokens=6
    )
    theirs = tokenizer.decode(made[0], skip_special_tokens=True).strip()
    assert open_text_model(f"transformers:{folders['t5']}@tokens=6").respond([TEXTS[3]]) == [theirs]


def test_a_task_names_the_prefix_and_an_instruction_is_for_chat_models(folders):
    own = open_text_model(f"transformers:{folders['t5']}@tokens=6").respond(TEXTS)
    other = open_text_model(f"transformers:{folders['t5']}@task=translation,tokens=6").respond(TEXTS)
    assert own != other
    usual = open_text_model(f"transformers:{folders['llama']}@tokens=6").respond(TEXTS)
    asked = open_text_model(f"transformers:{folders['llama']}@tokens=6@instruction=two men {{text}}, a dog").respond(
        TEXTS
    )
    assert usual != asked


def test_an_instruction_of_an_audit_is_that_of_the_spec(folders):
    spec = f"transformers:{folders['llama']}@tokens=6"
    chosen = AuditSettings(
        name="a", goal="g", target=spec, corpus="lab", inputs="texts.txt", instruction="two men {text}, a dog"
    )
    told = open_text_model(f"{spec}@instruction=two men {{text}}, a dog")
    assert open_target(chosen).respond(TEXTS) == told.respond(TEXTS)


def test_the_identity_follows_weights_and_settings(folders):
    def identity(spec):
        return open_text_model(f"transformers:{folders['t5']}{spec}").identity

    assert identity("") == identity("") != identity("@tokens=7")


def test_a_text_longer_than_the_model_reads_is_refused(folders):
    model = open_text_model(f"transformers:{folders['llama']}@tokens=8")
    with pytest.raises(ResponseRefused, match=f"reads {ROOM - 8} tokens at most"):
        model.respond(["a dog " * ROOM])


def test_an_answer_that_takes_too_long_is_an_error(folders):
    model = open_text_model(f"transformers:{folders['t5']}@tokens=200000,seconds=1")
    with pytest.raises(TargetError, match="after 1 seconds; allow more by @seconds="):
        model.respond(["a dog"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("@beams=4", "'beams=4' is no option; write transformers:"),
        ("@tokens=0", "tokens is a whole number of at least 1"),
        ("@instruction=Summarize.", "once, where the text goes"),
        ("@instruction=Summarize: {text}", "reads no instruction; leave it out"),
    ],
)
def test_an_option_that_cannot_be_is_named(folders, options, message):
    with pytest.raises(SpecError, match=message):
        open_text_model(f"transformers:{folders['t5']}{options}")


def test_what_is_no_model_is_named(tmp_path, folders):
    with pytest.raises(SpecError, match=r"has no config\.json"):
        open_text_model(f"transformers:{tmp_path}")
    with pytest.raises(SpecError, match="there is no folder"):
        open_text_model(f"transformers:{tmp_path / 'gone'}")
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "t5"}))
    (tmp_path / "pytorch_model.bin").write_bytes(b"a pickle, for all we know")
    with pytest.raises(SpecError, match="cannot be loaded"):
        open_text_model(f"transformers:{tmp_path}")
