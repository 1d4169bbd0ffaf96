"""The chat model: as strategist and as judge, how it is asked, how fast, and at what price."""
