"""DECIDES: the loop, the strategists, the verdict, the budget, the report, the command line."""
