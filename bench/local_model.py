"""Serve a small chat model from a GGUF file on this machine, for docs/local-models.md.

Needs the package `xllamacpp` in an environment of its own (no dependency of Faultfinder); knows nothing of audits.
"""

import argparse
import threading


def main() -> None:
    """Serve until interrupted; the address is printed once the model answers."""
    import xllamacpp

    arguments = read_arguments()
    settings = xllamacpp.CommonParams()
    settings.model.path = arguments.model
    settings.hostnames = ["127.0.0.1"]
    settings.port = arguments.port
    settings.n_ctx = arguments.context
    settings.n_parallel = 1
    settings.cpuparams.n_threads = arguments.threads
    server = xllamacpp.Server(settings)
    print(f"serving {arguments.model} at {server.listening_address}/v1", flush=True)
    threading.Event().wait()


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="a GGUF file of an instruction-tuned model")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--context", type=int, default=16384, help="tokens a conversation may have")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    main()
