"""What is known of sender numbers: facts and health."""
