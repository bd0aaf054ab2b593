"""The lists of cases: tabs and filters, one row a case, search, and views kept under a name."""
