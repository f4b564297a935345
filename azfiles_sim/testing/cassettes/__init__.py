"""Cassettes and the simulator: recordings are held to it, gone on from in it, and made with it.

``verify`` plays a recording into a fresh simulator and tells each difference; ``from_cassette`` gives the simulator as it
is at the recording's end; ``record_script`` records a scripted session.
"""
