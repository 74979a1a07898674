"""What developers and set-up run; not part of the wheel. Standard library only where set-up needs it."""
