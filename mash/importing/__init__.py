"""A council's own export of past contacts becomes a recording. Knows no database; nothing is kept but the recording."""
