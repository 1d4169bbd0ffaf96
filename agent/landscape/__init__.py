"""Exploring how a target fails on changed inputs: the tool, the hypotheses made of regions, their cases."""
