"""The law as data: the Ombudsman's Code and one file for each landlord, read into frozen typed values."""
