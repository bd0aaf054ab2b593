"""Letters: what goes into one (facts), how it looks (render, text, pdf), and what it must contain (gate)."""
