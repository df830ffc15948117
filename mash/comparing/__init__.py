"""Two rule sets over past work: what each makes of it, and for whom that differs."""
