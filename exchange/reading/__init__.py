"""Reading uploaded files: rows with their numbers, and every fault that can be told without knowing the fields."""
