"""Lines of text, however the machine they were typed on ends them."""


def alike(text: str) -> str:
    """The text with each line ended the same way; browsers send two signs for one break (HTML, forms)."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
