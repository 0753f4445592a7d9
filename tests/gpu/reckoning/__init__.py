"""The modules of tests/gpu/instructions."""
