"""The demo: the whole hub with sandboxes, customers, pickers and faults; counted by the sandboxes' books."""
