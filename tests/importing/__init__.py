"""Tests of mash.importing."""
