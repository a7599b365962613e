def counted(number: int, one: str, many: str = "") -> str:
    """`counted(1, "result")` is "1 result"; `many` is the plural where it is not `one` with an s."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
