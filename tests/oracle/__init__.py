"""Compares the simulator with Azurite where Blob and Files share their rules. ``docs/oracle.md`` says what, and what not."""
