"""Stories walk through several rooms: a certificate from file to alert, and each trap."""
