"""What a program needs that compares a database with the account."""
