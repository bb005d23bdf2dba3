#!/usr/bin/env python3
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
"""Writes NAME/expected.safetensors beside this file: what transformers computes with examples/models/NAME in float32.

    python make_goldens.py [NAME ...]
"""
import itertools
import json
import math
import pathlib
import sys

import safetensors.torch
import torch
import transformers

HERE = pathlib.Path(__file__).resolve().parent
MODELS = HERE.parents[2] / 'examples' / 'models'
LENGTH, NEW = 80, 64                                # longer than the window of 64
LEAST_GAP, LEAST_ROUTER_GAP = .02, 3e-5             # of choices that other arithmetic must repeat


def load(folder, attention='eager'):
    return transformers.Gemma4ForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation=attention).eval()


def candidates(folder, tokenizer):
    """(topic, ids of a chat with the whole list as its answer, length of the prompt)."""
    suites = [json.loads((folder / 'probes' / f'lists_{role}.json').read_text()) for role in ('report', 'select', 'fit')]
    for suite in suites:
        for topic, form in itertools.product(suite['topics'], suite['forms']):
            ask = [{'role': 'user', 'content': form.format(topic['topic'])}]
            prompt = tokenizer.apply_chat_template(ask, tokenize=False, add_generation_prompt=True)
            answer = '\n'.join(f'{i + 1}. {x}' for i, x in enumerate(topic['gold']))
            again = tokenizer.apply_chat_template(ask, tokenize=False)[len('<bos>'):]
            text = prompt + answer + '<turn|>\n' + again
            ids = tokenizer.encode(text, add_special_tokens=False)
            yield topic['topic'], ids[:LENGTH], len(tokenizer.encode(prompt, add_special_tokens=False))


@torch.no_grad()
def greedy(model, prompt):
    """With the cache, a token a step; end tokens do not stop it."""
    cache, current, ids, gaps = transformers.DynamicCache(config=model.config), prompt, [], []
    for _ in range(NEW):
        top = model(input_ids=current, past_key_values=cache, use_cache=True).logits[:, -1].topk(2, -1)
        ids.append(int(top.indices[0, 0]))
        gaps.append(float(top.values[0, 0] - top.values[0, 1]))
        current = top.indices[:, :1]
    return ids, gaps


@torch.no_grad()
def forward(model, tokens):
    """Logits, and the chosen experts and probabilities of each layer that routes."""
    routed, hooks = {}, []
    for i, layer in enumerate(model.model.layers):
        if model.config.enable_moe_block:
            hooks.append(layer.router.register_forward_hook(lambda _, __, out, i=i: routed.update({i: (out[0], out[2])})))
    logits = model(input_ids=tokens, use_cache=False).logits
    for hook in hooks: hook.remove()
    return logits, {i: (p.reshape(*tokens.shape, -1), k.reshape(*tokens.shape, -1)) for i, (p, k) in routed.items()}


def router_gap(routed, experts):
    """Smallest distance between the last chosen and the first other expert's probability."""
    smallest = math.inf
    for probability, _ in routed.values():
        ordered = probability.sort(-1, descending=True).values
        smallest = min(smallest, float((ordered[..., experts - 1] - ordered[..., experts]).min()))
    return smallest


def write(name):
    folder = MODELS / name
    tokenizer, model = transformers.AutoTokenizer.from_pretrained(folder), load(folder)
    rows = []
    for topic, ids, prompt in candidates(folder, tokenizer):
        if len(ids) < LENGTH or topic in [row[0] for row in rows]: continue
        routed = forward(model, torch.tensor([ids]))[1]
        made, gaps = greedy(model, torch.tensor([ids[:prompt]]))
        if min(gaps) < LEAST_GAP or router_gap(routed, model.config.top_k_experts or 1) < LEAST_ROUTER_GAP: continue
        rows.append((topic, ids, prompt, made, gaps))
        if len(rows) == 2: break
    if len(rows) < 2: raise SystemExit(f'{name}: no two prompts with choices so clear')
    integers = lambda values: torch.tensor(values, dtype=torch.int32)
    tokens = torch.tensor([row[1] for row in rows])
    logits, routed = forward(model, tokens)
    out = {'tokens': tokens.int(), 'logits': logits.contiguous(), 'greedy_prompt': integers([row[2] for row in rows]),
           'greedy': integers([row[3] for row in rows]), 'greedy_gap': torch.tensor([row[4] for row in rows])}
    out.update({f'router_top_k_index.{i}': chosen.int().contiguous() for i, (_, chosen) in routed.items()})
    (HERE / name).mkdir(exist_ok=True)
    safetensors.torch.save_file(out, HERE / name / 'expected.safetensors')
    other = forward(load(folder, 'sdpa'), tokens)[0]
    print(f'{name}: {[row[0] for row in rows]}, smallest greedy gap {out["greedy_gap"].min():.3f}, router gap '
          f'{router_gap(routed, model.config.top_k_experts or 1):.1e}, other attention kernel {(other - logits).abs().max():.1e}')


if __name__ == '__main__':
    torch.set_num_threads(1)
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    for model_name in sys.argv[1:] or ('dense', 'mixture'): write(model_name)
