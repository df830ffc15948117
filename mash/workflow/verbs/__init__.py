"""What can be done to a contact: pure functions, a file per stage of its journey."""
