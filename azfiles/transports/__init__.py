"""Transports carry one request and return one response: over HTTP, in process, recorded, or replayed."""
