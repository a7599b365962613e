"""Checks a server, or a client, against the guarantees of docs/clients.md. It knows only the API."""
