#!/usr/bin/env python3
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
"""Writes classes.json and pieces.jsonl: how the tokenizers package (0.23.3) classes code points and cuts text.

    pip install tokenizers==0.23.3
    python3 make_pieces.py

classes.json: per class, ranges [first, last] of all code points that the pre-tokenizers put into it; "digit" are those
that Digits cuts out (its tables may be newer than those of the expression).
pieces.jsonl: text, and its pieces for Sequence(Digits, ByteLevel) ("smollm") and for ByteLevel alone ("gpt-2").
"""
import json
import random

from tokenizers import pre_tokenizers

DIGITS = pre_tokenizers.Digits(individual_digits=True)
WORDS = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
CUTTERS = {"smollm": pre_tokenizers.Sequence([DIGITS, WORDS]), "gpt-2": WORDS}


def count(cutter, text):
    return len(cutter.pre_tokenize_str(text))


def class_of(character):
    if count(WORDS, "a" + character) == 1:
        return "letter"
    if count(WORDS, "1" + character) == 1:
        return "number"
    return "space" if count(WORDS, "!" + character) == 2 else "other"


def classes():
    found = {"letter": [], "number": [], "space": [], "digit": []}

    def add(name, code_point):
        ranges = found[name]
        if ranges and ranges[-1][1] == code_point - 1:
            ranges[-1][1] = code_point
        else:
            ranges.append([code_point, code_point])

    for code_point in range(0x110000):
        if 0xD800 <= code_point < 0xE000:
            continue
        name = class_of(chr(code_point))
        if name != "other":
            add(name, code_point)
        if count(DIGITS, "a" + chr(code_point)) == 2:
            add("digit", code_point)
    return found


def texts(generator, number):
    parts = list("aZé中1٣Ⅷ!?_'·😀\t\n\r\u00a0\u2028\u3000\u0085\u200b\u0301") + [" "] * 8
    parts += ["'s", "'re", "'LL", " '", "''", "  ", "\n\n", "don't", "x'd"]
    for _ in range(number):
        yield "".join(generator.choice(parts) for _ in range(generator.randrange(1, 25)))


def main():
    with open("classes.json", "w") as file:
        json.dump(classes(), file, separators=(",", ":"))
        file.write("\n")
    with open("pieces.jsonl", "w") as file:
        for text in texts(random.Random(1), 250):
            row = {"text": text}
            for name, cutter in CUTTERS.items():
                row[name] = [text[begin:end] for _, (begin, end) in cutter.pre_tokenize_str(text)]
                assert "".join(row[name]) == text
            file.write(json.dumps(row) + "\n")


main()
