"""What should happen: a borough's rules as data, calendars, timescales, suggestions. Pure."""
