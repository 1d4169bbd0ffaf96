"""What the scout can do: the tools it may call, and the mining behind them."""
