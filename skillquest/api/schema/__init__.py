"""The OpenAPI document. What operations have in common is added here once instead of in every view."""
