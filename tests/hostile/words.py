"""Words that are a picture, a link or a formula where they are taken for Markdown: for headings, cells and texts."""

NOWHERE = "http://127.0.0.1:9/leak"
"""An address at which nothing answers: whoever asks for it has taken a stranger's words for Markdown."""
IMAGE = f"![x]({NOWHERE}.png)"
WORDS = (
    f"a, b\n\n{IMAGE}",
    f"a\r\r{IMAGE}",
    f"a\u2028\u2029\x0b\x0c\x85{IMAGE}",
    f"`{IMAGE}`",
    f"``a`{IMAGE}",
    f"\\`{IMAGE}\\",
    f"`\n\n{IMAGE}\n\n`",
    f"\0{IMAGE}\x1b[2J",
    f"\u202e{IMAGE}\u2066\u200f",
    f"[x]({NOWHERE})",
    f"{NOWHERE}/auto",
    f"<{NOWHERE}>",
    f"<img src={NOWHERE}.png>",
    f"![x][y]\n\n[y]: {NOWHERE}",
    f"$\\href{{{NOWHERE}}}{{x}}$",
    ":red[x] :material/home: $a$",
    "# a\n---\n| b |",
    "",
    " ",
    "`",
    "\n",
)
