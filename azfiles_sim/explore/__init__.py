"""Searches seeds for a history of several clients that no correct service could have given."""
