"""Celery app, thin tasks, schedule and the embedded runner."""
