"""The dashboard: HTML for people. How to make a page: README.md in this folder."""
