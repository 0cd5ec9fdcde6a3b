"""Characters that are not shown, or that change how others are: the inside of a class of `re`. Pure.

Controls (C0, DEL, C1), line and paragraph separators, everything that Unicode ignores by default (bidi, zero width,
fillers, variation selectors, tags), interlinear annotation and lone surrogates: an escape code in a profile name must
not reach the terminal (the shape of CVE-2024-52005), and a text must not look like another one (CVE-2021-42574).
"""

CONTROLS = "\x00-\x1f\x7f-\x9f\u2028\u2029"
HIDDEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
SURROGATES = "\ud800-\udfff"
