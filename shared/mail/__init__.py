"""Messages that leave: written with the change that causes them, delivered by the worker at least once."""
