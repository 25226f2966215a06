def load_forms() -> list[str]:
    return []
