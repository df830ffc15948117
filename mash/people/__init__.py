"""Who is who: people as reported, and the persons they are believed to be."""
