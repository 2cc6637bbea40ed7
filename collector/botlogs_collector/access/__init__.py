"""Who may send and who may read what: tokens, roles, and the doors of the four ports."""
