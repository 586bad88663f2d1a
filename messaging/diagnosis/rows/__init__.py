"""What a row of a list or of a timeline says about a text."""
