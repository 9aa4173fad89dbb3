"""The ledger: double entry, append-only, in two books that never mix, with balances no race can overdraw."""
