"""Days of operation in simulated time: real server, real ledger and archive, an injected clock. `make simulate` prints the figures."""
