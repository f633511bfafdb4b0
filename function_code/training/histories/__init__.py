"""Events of users: what they took, when, and what they will take next."""
