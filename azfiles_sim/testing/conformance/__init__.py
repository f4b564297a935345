"""What is claimed of the service, as tests that pytest collects, each written once for any target.

``pytest --pyargs azfiles_sim.testing.conformance`` holds a simulator in this process to them. The variables of
``azfiles_sim.testing.environment`` point the run elsewhere. A claim that needs more than the target can do is skipped,
and says what was missing.
"""
