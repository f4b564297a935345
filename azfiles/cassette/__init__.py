"""Cassettes: recorded sessions in vcrpy's file format, scrubbed, matched and played."""
