"""Doors for other programs: Python, the Model Context Protocol, LangGraph's development server."""
