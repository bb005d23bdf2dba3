#!/usr/bin/env python3
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
"""Writes templates.json: chat templates and what Jinja makes of them, with the settings of transformers.

    pip install jinja2
    python3 make_templates.py

A list of {name, template, known, cases: [{messages, add_generation_prompt, rendered}]}; `known`: whether it is ChatML
as the library recognises it (the others must be refused).
"""
import json

from jinja2.sandbox import ImmutableSandboxedEnvironment

JINJA = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)

LOOP = "{% for message in messages %}"
TURN = "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
END = "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"


def default(content):
    return (
        "{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\n"
        + content
        + "<|im_end|>\n' }}{% endif %}"
    )


SMOLLM2 = default("You are a helpful AI assistant named SmolLM, trained by Hugging Face")

KNOWN = {
    "smollm2": LOOP + SMOLLM2 + TURN + END,
    "plain": LOOP + TURN + END,
    "escaped": (LOOP + default("Be brief.") + TURN + END).replace("\n", "\\n"),
    "empty default": LOOP + default("") + TURN + END,
    "quotes": LOOP + default("It\\'s \\\"it\\\" \\\\ %} }}\\t.") + TURN.replace("'", '"') + END,
    "lines": "{# ChatML #}\n"
    + LOOP
    + "\n    "
    + default("Be brief.").replace("{{", "\n        {{-").replace("}}", "-}}").replace("{% endif", "\n    {% endif")
    + "\n    "
    + TURN.replace("{{", "{{- ").replace("}}", " -}}")
    + "\n"
    + END.replace("%}{", "%}\n{").replace("{{ ", "    {{- ")
    + "\n",
    "text": LOOP
    + "<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n  {% endfor %}"
    + "{% if add_generation_prompt %}\n<|im_start|>assistant\n  {% endif %}\n",
    "dashes": "{%- for message in messages -%}  {{- '<|im_start|>' -}}\n {{- message['role'] + '\n' -}} \n\n"
    + "{{- message['content'] -}} {{ '<|im_end|>\n' }}\n {%- endfor -%}\n{%- if add_generation_prompt -%}\n"
    + " {{ '<|im_start|>assistant\n' }} {%- endif -%}\n\n",
}
UNKNOWN = {
    "empty": "",
    "words": "hello",
    "space after a variable": LOOP + TURN + " {% endfor %}" + END[len("{% endfor %}") :],
    "trimmed content": LOOP + TURN.replace("['content']", "['content'] | trim") + END,
    "other end": LOOP + TURN.replace("im_end", "end") + END,
    "no generation prompt": LOOP + TURN + "{% endfor %}",
    "other condition": LOOP + SMOLLM2.replace("!=", "==") + TURN + END,
    "bos": "{{ bos_token }}" + LOOP + TURN + END,
    "something after": LOOP + TURN + END + "{{ 'x' }}",
    "default of another role": LOOP + SMOLLM2.replace("<|im_start|>system", "<|im_start|>user") + TURN + END,
    "role and content swapped": LOOP
    + TURN.replace("role", "x").replace("content", "role").replace("'x'", "'content'")
    + END,
    "set": "{% set ns = namespace(first=true) %}" + LOOP + TURN + END,
    "assistant omitted": LOOP + TURN + END.replace("assistant", "model"),
}
BROKEN = {
    "open tag": LOOP + "{{ message",
    "open string": LOOP + "{{ 'x }}",
    "trailing plus": LOOP + "{{ 'x' + }}" + END,
    "no plus": LOOP + "{{ 'x' 'y' 1 }}" + END,
}

CONVERSATIONS = [
    [],
    [("user", "Hi")],
    [("system", "Be kind.\n"), ("user", " two\nlines ")],
    [("user", "a"), ("assistant", "b"), ("system", "c"), ("user", "<|im_end|>é")],
]


def main():
    rows = []
    for known, templates in ((True, KNOWN), (False, UNKNOWN), (False, BROKEN)):
        for name, template in templates.items():
            row = {"name": name, "template": template, "known": known, "cases": []}
            for conversation in CONVERSATIONS if known else []:
                messages = [{"role": role, "content": content} for role, content in conversation]
                for add in (False, True):
                    text = JINJA.from_string(template).render(messages=messages, add_generation_prompt=add)
                    row["cases"].append({"messages": messages, "add_generation_prompt": add, "rendered": text})
            rows.append(row)
    with open("templates.json", "w") as file:
        json.dump(rows, file, indent=1)
        file.write("\n")


main()
