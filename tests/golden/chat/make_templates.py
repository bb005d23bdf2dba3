#!/usr/bin/env python3
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
"""Writes templates.json and gemma_templates.json: chat templates and what Jinja makes of them, with the settings of
transformers.

    pip install jinja2
    python3 make_templates.py

A list of {name, template, known, cases: [{messages, add_generation_prompt, rendered}]}; `known`: whether it is ChatML
as the library recognises it (the others must be refused). The second file has the same for Gemma's turns.
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

GEMMA_LOOP = "{%- for message in messages -%}\n"
GEMMA_TURN = (
    "<|turn>{{ 'model' if message['role'] == 'assistant' else message['role'] }}\n"
    "{{ message['content'] | trim }}<turn|>\n"
)
GEMMA_END = "{% endfor -%}\n{%- if add_generation_prompt -%}\n<|turn>model\n{% endif -%}\n"
GEMMA = "{{ bos_token }}\n" + GEMMA_LOOP + GEMMA_TURN + GEMMA_END
GEMMA_KNOWN = {
    "lines": GEMMA,
    "strings": "{{ bos_token }}{% for message in messages %}{{ '<|turn>' }}"
    "{{ 'model' if message.role == \"assistant\" else message.role }}{{ '\\n' }}"
    "{{ message.content | trim }}{{ '<turn|>\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|turn>model\\n' }}{% endif %}",
    "bos as text": GEMMA.replace("{{ bos_token }}", "<bos>"),
}
GEMMA_UNKNOWN = {
    "no bos": GEMMA.replace("{{ bos_token }}\n", ""),
    "not trimmed": GEMMA.replace(" | trim", ""),
    "role as it is": GEMMA.replace("'model' if message['role'] == 'assistant' else ", ""),
    "no line after the role": GEMMA.replace("}}\n{{", "}}{{"),
    "no line after the turn": GEMMA.replace("<turn|>\n", "<turn|>\n{#- -#}\n"),
    "other prompt": GEMMA.replace("<|turn>model", "<|turn>assistant"),
    "markers of thoughts without the rest": GEMMA.replace("<|turn>model", "<|turn>model\n<|channel>"),
}

CONVERSATIONS = [
    [],
    [("user", "Hi")],
    [("system", "Be kind.\n"), ("user", " two\nlines ")],
    [("user", "a"), ("assistant", "b"), ("system", "c"), ("user", "<|im_end|>é")],
]
# What Python takes for white space, and what it does not.
GEMMA_CONVERSATIONS = CONVERSATIONS + [
    [("user", "\x1c\x85\u00a0\u2003 a\u200b \t\u3000\x1f"), ("assistant", "\n"), ("assistant", "b<turn|>")],
]


def rows_of(groups, conversations):
    rows = []
    for known, templates in groups:
        for name, template in templates.items():
            row = {"name": name, "template": template, "known": known, "cases": []}
            for conversation in conversations if known else []:
                messages = [{"role": role, "content": content} for role, content in conversation]
                for add in (False, True):
                    text = JINJA.from_string(template).render(
                        messages=messages, add_generation_prompt=add, bos_token="<bos>"
                    )
                    row["cases"].append({"messages": messages, "add_generation_prompt": add, "rendered": text})
            rows.append(row)
    return rows


def write(name, rows):
    with open(name, "w") as file:
        json.dump(rows, file, indent=1)
        file.write("\n")


def main():
    write("templates.json", rows_of([(True, KNOWN), (False, UNKNOWN), (False, BROKEN)], CONVERSATIONS))
    write("gemma_templates.json", rows_of([(True, GEMMA_KNOWN), (False, GEMMA_UNKNOWN)], GEMMA_CONVERSATIONS))


main()
