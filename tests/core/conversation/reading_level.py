"""How hard a text is to read: Flesch-Kincaid grade (English), Szigriszt-Pazos perspicuity on the INFLESZ scale (Spanish).

Small syllable counters of our own, checked in test_reading_level.py against published examples. Sources of the formulas:
Kincaid et al. 1975 (0.39, 11.8, 15.59); Szigriszt-Pazos 1993 (206.835, 62.3) with the INFLESZ scale of Barrio-Cantalejo
2008, on which 55 is where "normal" begins.
"""

import re
import unicodedata

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
# A number is read as one word of as many syllables as an easy estimate gives: two a digit (both languages).
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_SILENT_ED = re.compile(r"[^aeioutd]ed$")


def sentences(text: str) -> list[str]:
    """Sentences end with a mark and a space, or with a line; a decimal point ends none."""
    found = re.split(r"(?<=[.!?:])[”»]?\s+|\n+", text)
    return [each for each in found if _WORD.search(each)]


def words(text: str) -> list[str]:
    return _WORD.findall(text)


def english_syllables(word: str) -> int:
    """Runs of vowels, without the silent endings, with the pairs that are two."""
    word = re.sub(r"['’](s|t|re|ll|ve|d|m)$", "", word.lower())
    if len(word) <= 2:
        return 1
    word = re.sub(r"ely$", "ly", word)
    bare = word[:-1] if re.search(r"[^aeiouyl]es?$", word) and word.endswith("e") else word
    bare = bare[:-2] if re.search(r"[^aeiouysxzcg]es$", bare) and not re.search(r"(ch|sh|[^aeiou]l)es$", bare) else bare
    bare = bare[:-2] + "d" if _SILENT_ED.search(bare) else bare
    bare = bare[:-1] if re.search(r"[aeiouy]le$", bare) else bare
    count = len(re.findall(r"[aeiouy]+", bare))
    count += len(re.findall(r"(?<![gtsc])i[ao](?!u)|[^q]u[ao](?!r)|eo|io(?=u$)|ying|[aeo]ing$", bare))
    count -= len(re.findall(r"peo", bare))
    return max(count, 1)


def spanish_syllables(word: str) -> int:
    """Runs of vowels, parted where two strong ones meet or a weak one has its accent; u is silent in que, qui, gue, gui."""
    word = unicodedata.normalize("NFC", word.lower())
    word = re.sub(r"(?<=[qg])u(?=[eiéí])", "", word)
    word = re.sub(r"y$", "i", word)
    strong, weak = "aeoáéóíú", "iuü"
    count, before = 0, ""
    for letter in word:
        if letter == "h":
            continue
        if letter in strong:
            count += 0 if before and before in weak and before not in "íú" and letter not in "íú" else 1
            before = letter
        elif letter in weak:
            # After a strong vowel without an accented weak one it belongs to the same syllable; so does a second weak one.
            count += 0 if before and (before in "aeoáéóiuü") else 1
            before = letter
        else:
            before = ""
    return max(count, 1)


def flesch_kincaid(text: str) -> float:
    """The American school grade of an English text; higher is harder."""
    said, count = words(text), len(sentences(text))
    numbers = _NUMBER.findall(text)
    syllables = sum(map(english_syllables, said)) + sum(2 * len(re.sub(r"\D", "", n)) for n in numbers)
    total = len(said) + len(numbers)
    return 0.39 * total / count + 11.8 * syllables / total - 15.59


def szigriszt_pazos(text: str) -> float:
    """The perspicuity of a Spanish text; higher is easier, from 55 normal, from 65 fairly easy."""
    said, count = words(text), len(sentences(text))
    numbers = _NUMBER.findall(text)
    syllables = sum(map(spanish_syllables, said)) + sum(2 * len(re.sub(r"\D", "", n)) for n in numbers)
    total = len(said) + len(numbers)
    return 206.835 - 62.3 * syllables / total - total / count
