"""When things are due and why: pure functions from the facts of a case and its policy to dates."""
