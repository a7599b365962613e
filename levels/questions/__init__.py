"""What a question of a level says and asks, whether an answer is right, and how likely a guess is (pure)."""
