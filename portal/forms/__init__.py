"""The questions of the complaint as forms: each checks the shape of one page's answers and nothing else."""
