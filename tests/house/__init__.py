"""Tests of the house: set-up, packaging, deployment files, import contracts."""
