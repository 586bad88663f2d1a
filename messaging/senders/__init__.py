"""What is known of sender numbers: facts, health, and what is missing at their carrier."""
