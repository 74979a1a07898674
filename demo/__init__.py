"""The demo: the whole hub with sandboxes for channels, customers, pickers and faults; counted by the sandboxes' books."""
