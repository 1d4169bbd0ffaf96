"""The tables behind `tests/test_architecture.py`: arrows, vendors, heavy imports, and where exceptions end."""

# Arrows: what a folder may import of the others. A dotted entry allows that one module only.
ARROWS = {
    "agent": ("agent", "tools", "prompts", "memory"),
    "tools": (
        "tools",
        "memory.base",
        "memory.records",
        "memory.regions",
        "memory.landscape_records",
        "memory.picture_records",
        "memory.people_records",
        "memory.errors",
    ),
    "prompts": ("prompts",),
    "memory": ("memory",),
    "lab": ("lab",),
}
# The only modules outside lab/ that know the lab.
LAB_ADAPTERS = ("tools/targets/lab.py", "tools/targets/lab_painter.py")

# One vendor, one file: who may import what, at whatever level. Patterns as of a shell.
VENDORS = {
    "chromadb": ("memory/chroma.py",),
    "diffusers": ("lab/painter.py", "tools/targets/diffusers_pipeline.py", "tools/targets/diffusers_lora.py"),
    "faiss": (),
    "inflect": ("tools/inflection.py",),
    "gymnasium": ("tools/explorers/environment.py",),
    "jinja2": ("agent/report/outputs.py",),
    "junitparser": ("agent/suites/junit.py",),
    "langchain_openai": ("agent/llm/chat_model.py",),
    "langgraph": (
        "agent/graph.py",
        "agent/state.py",
        "agent/scouting.py",
        "agent/asking.py",
        "agent/running/checkpoints.py",
        "agent/doors/dev_server.py",
        "agent/chat/graph.py",
        "agent/scout/tool_calls.py",
    ),
    "langgraph_sdk": ("agent/doors/dev_server.py",),
    "langchain_core": ("agent/*", "tools/targets/langchain_text.py"),
    "matplotlib": ("agent/report/*charts.py", "agent/suites/heatmap.py"),
    "mcp": ("agent/doors/mcp_server.py",),
    "networkx": ("tools/textrank.py",),
    "open_clip": ("tools/targets/open_clip.py", "tools/targets/open_clip_folder.py", "lab/*"),
    "opentelemetry": ("agent/running/tracing.py",),
    "openai": ("agent/llm/chat_model.py", "tools/targets/openai_images*.py"),
    "optuna": ("tools/explorers/bayes.py",),
    "peft": ("tools/fading/lora.py",),
    "platformdirs": ("agent/*", "memory/*"),
    "pyarrow": ("agent/suites/exporting.py",),
    "rapidfuzz": ("tools/actions/legible.py", "tools/tasks/metrics.py"),
    "sacrebleu": ("tools/tasks/metrics.py",),
    "sentence_transformers": ("tools/targets/sentence_transformers.py",),
    "stable_baselines3": ("tools/explorers/sb3_*.py", "tools/explorers/deep.py"),
    "starlette": ("tools/people/*",),
    "timm": ("tools/targets/timm_models.py",),
    "torchvision": (
        "lab/*",
        "tools/torchvision_shim.py",
        "tools/actions/conditions.py",
        "tools/targets/torchvision_models.py",
    ),
    "typer": ("agent/cli.py", "agent/command/*.py"),
    "uvicorn": ("tools/people/*",),
    "yaml": ("agent/suites/dataset_card.py",),
}
# Too heavy to import before they are needed: inside functions only, but for the adapters and trainers named here.
HEAVY = ("torch", "open_clip", "diffusers", "chromadb", "sentence_transformers", "matplotlib", "timm", "torchvision")
HEAVY_AT_MODULE_LEVEL = (
    "tools/targets/text_towers.py",
    "tools/fading/learner.py",
    "tools/fading/picture_training.py",
    "tools/fading/training.py",
    "tools/fading/checkpoints.py",
    "tools/fading/lora.py",
    "tools/fading/painting.py",
    "tools/targets/diffusers_lora.py",
    "lab/painter.py",
    "lab/painter_adapting.py",
    "lab/painter_lessons.py",
    "lab/painter_reading.py",
    "lab/painter_training.py",
)

# The tool boundary: the only place where any exception at all may be caught.
CATCHES_EVERYTHING = ("agent/scout/toolbox.py",)

# The wall clock jumps when somebody sets it: it stamps what is written down, and measures nothing.
WALL_CLOCK = (
    "agent/running/audits.py",
    "agent/chat/workplace.py",
    "agent/cli.py",
    "agent/folder/event_log.py",
    "agent/suites/replaying.py",
    "agent/report/outputs.py",
    "agent/suites/runs.py",
    "tools/people/*.py",
)
