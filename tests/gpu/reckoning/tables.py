"""Tables of Markdown, as INSTRUCTIONS.md and RESULTS.md have them."""


def number(value):
    """At most three digits behind the point, none of them a trailing zero."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def show(heads, rows):
    for cells in (heads, ["---"] * len(heads), *rows):
        print("|" + "|".join("---" if cell == "---" else f" {cell} " for cell in cells) + "|")
