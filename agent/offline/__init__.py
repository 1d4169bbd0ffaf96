"""The offline strategist: explores, proposes and refines without a language model."""
