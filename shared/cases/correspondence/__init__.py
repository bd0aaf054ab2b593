"""What goes out about a case and what comes back: letters, texts, notices to colleagues, mail taken in."""
