"""What is valid in a rule set and foolish all the same? Above rules and workflow; knows no database, no file."""
