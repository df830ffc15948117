"""Who is this, and may they come in? Users, passwords, second factors, sessions. Knows nothing of contacts or pages."""
