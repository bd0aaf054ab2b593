"""A complaint as a case: what can be done to it, by whom, when, and what follows.

flow.py says who may do what at which stage. commands/ says what each action carries, guards/ what the law has
against it, effects/ what it changes. service.py is the only writer, queries.py the only reader of one case.
Around them lie four packages: access/ (who comes in and sees what), correspondence/ (what goes out and comes
back), inbox/ (lists and search) and colleagues/ (how staff work on cases together).
"""
