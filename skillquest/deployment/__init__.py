"""What an installation that people reach must not have: `manage.py check --deploy`."""
