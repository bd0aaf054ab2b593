"""A complaint as a case: what can be done to it, by whom, when, and what follows.

flow.py says who may do what at which stage. commands/ says what each action carries. effects/ folds the
events into a CaseState. service.py is the only writer. queries.py is the only reader.
"""
