"""The rule engine of achievements and badges: what a condition may say (schema) and when it holds (engine)."""
