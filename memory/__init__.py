"""KNOWS: the records, the failure memory, the evidence ledger."""
