"""The Processing provider: one thin file per algorithm, declare → validate → spec → worker → style."""
