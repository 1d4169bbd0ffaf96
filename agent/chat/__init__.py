"""Talking about an audit: who answers, with which tools, held to which citations."""
