"""The hub survives SIGKILL at every named point: real processes, real databases, counted by the shops' own books."""
