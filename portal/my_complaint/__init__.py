"""My complaint: its page, its letters, and everything that the resident can write, ask for or decide there."""
