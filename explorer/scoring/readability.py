"""How easily a text is read: its words, and Flesch's reading ease."""

import re

MAX_WORDS = 20
_WORD = re.compile(r"[A-Za-z0-9]+(?:[.,'’-][A-Za-z0-9]+)*%?")
_SENTENCE = re.compile(r"[.!?;]+(?:\s|$)")
_VOWELS = re.compile(r"[aeiouy]+")
_DIGIT_SYLLABLES = {"0": 2, "7": 2}  # ze-ro and se-ven; the others have one


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text: letters and digits without a gap, numbers with their point.

    Examples
    --------
    >>> words_of("Active on 3 and 8; needed for 3 (loses 41.5%).")
    ('Active', 'on', '3', 'and', '8', 'needed', 'for', '3', 'loses', '41.5%')
    """
    return tuple(_WORD.findall(text))


def reading_ease(text: str) -> float:
    """Flesch's reading ease: 206.835 - 1.015 words / sentences - 84.6 syllables / words.

    From about 100 (very easy) down to 0 (very hard) for usual texts. Syllables are counted as
    groups of vowels, without a silent e at the end; those of a number, digit by digit. A semicolon
    ends a sentence. NaN for a text without words.

    References
    ----------
    Flesch (1948), A new readability yardstick, Journal of Applied Psychology 32, 221-233.

    Examples
    --------
    >>> round(reading_ease("The cat sat on the mat."), 3)  # 6 words, 1 sentence, 6 syllables
    116.145
    """
    words = words_of(text)
    if not words:
        return float("nan")
    sentences = max(1, len([part for part in _SENTENCE.split(text) if words_of(part)]))
    syllables = sum(map(syllables_of, words))
    return 206.835 - 1.015 * len(words) / sentences - 84.6 * syllables / len(words)


def syllables_of(word: str) -> int:
    """Estimate the syllables of a word, at least 1.

    Examples
    --------
    >>> [syllables_of(word) for word in ("digit", "shape", "table", "active", "7", "10")]
    [2, 1, 2, 2, 2, 3]
    """
    lower = word.lower()
    count = sum(_DIGIT_SYLLABLES.get(letter, 1) for letter in lower if letter.isdigit())
    count += len(_VOWELS.findall(lower))
    silent = lower.endswith("e") and not lower.endswith(("le", "ee", "ye"))
    return max(1, count - silent)
