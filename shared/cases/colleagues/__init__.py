"""How colleagues work on cases together: tasks, mentions, drafts, ready texts, who is here and who is away."""
