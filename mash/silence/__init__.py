"""WHAT STOPS COMING: sources that have gone quiet, by their own past."""
