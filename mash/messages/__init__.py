"""What goes out about alerts: written with the alert, sent after, repeated until somebody has it. The one door out."""
