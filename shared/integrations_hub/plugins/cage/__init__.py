"""The cage: the walls around a stranger's connector, raised inside its own process before its code is loaded."""
