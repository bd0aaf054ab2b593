"""Who comes in to a case and how, who sees which case, and what of it each may be told (Code 3.6, 5.8)."""
