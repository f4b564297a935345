"""The cassettes that this repository ships: recorded again, replayed, scanned and held to the simulator."""
