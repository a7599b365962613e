"""Changes that take two people: one asks, another approves. Every kind of request uses the same model and pages."""
