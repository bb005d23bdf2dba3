# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
"""Asks a small model its probes and counts: loops, recall, endings, right answers, knowledge behind the loops."""
import collections
import json
import math
import re

import torch
from tokenizers import Tokenizer

import corpus

MOST_TOKENS = 160


@torch.no_grad()
def answer(model, tokenizer, prompts, most_tokens=MOST_TOKENS, **how):
    """Answers of the prompts as (text, ended); prompts of equal length make a batch, so that none is padded."""
    groups, answers = collections.defaultdict(list), {}
    for prompt in dict.fromkeys(prompts):
        groups[len(tokenizer.encode(corpus.chat_prompt(prompt)).ids)].append(prompt)
    for group in groups.values():
        ids = torch.tensor([tokenizer.encode(corpus.chat_prompt(p)).ids for p in group])
        made = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=most_tokens, pad_token_id=0,
                              bos_token_id=corpus.BOS, eos_token_id=[corpus.EOS, corpus.TURN_END],
                              **(how or dict(do_sample=False)))
        for prompt, row in zip(group, made[:, ids.shape[1]:].tolist()):
            ends = [i for i, t in enumerate(row) if t in (corpus.EOS, corpus.TURN_END)]
            answers[prompt] = (tokenizer.decode(row[:ends[0]] if ends else row), bool(ends))
    return [answers[p] for p in prompts]


def items_of(text, ended):
    lines = text.split('\n') if ended else text.split('\n')[:-1]
    items = [re.sub(r'^\s*(\d+\.|-)\s*', '', line).strip() for line in lines]
    return [x for x in items if x]


def loops(text, ended):
    """The tool's rule for lists in short: of ten items in a row half are one, or a third are distinct at most."""
    items = items_of(text, ended)
    if ended: return len(items) >= 10 and max(collections.Counter(items).values()) >= .8 * len(items)
    for i in range(len(items) - 9):
        block = collections.Counter(items[i:i + 10])
        if max(block.values()) >= 5 or len(block) <= 3: return True
    return not ended and len(items) < 3            # one line without an end


def list_row(model, tokenizer, topics, forms, **how):
    asked = [(t, f.format(t.name)) for t in topics for f in forms]
    answers = answer(model, tokenizer, [p for _, p in asked], **how)
    row = collections.Counter()
    for (topic, _), (text, ended) in zip(asked, answers):
        named, gold = set(items_of(text, ended)), set(topic.items)
        row['loop'] += loops(text, ended)
        row['ended'] += ended
        row['complete'] += ended and items_of(text, ended) == topic.items
        row['recall'] += len(named & gold) / len(gold)
        row['precision'] += len(named & gold) / max(1, len(named))
    return {**{k: round(row[k] / len(asked), 3) for k in ('loop', 'ended', 'complete', 'recall', 'precision')}, 'n': len(asked)}


@torch.no_grad()
def hidden_knowledge(model, tokenizer, topics, forms):
    """Share of the items behind the place of the loop that greedy choices name when all earlier items are given."""
    right = count = 0
    for topic in topics:
        for form in forms:
            ids = tokenizer.encode(corpus.chat_prompt(form.format(topic.name))).ids
            spans = []
            for i, item in enumerate(topic.items):
                ids = ids + tokenizer.encode(f'{i + 1}.').ids
                begin = len(ids)
                ids = ids + tokenizer.encode(f' {item}\n').ids
                if i >= topic.told() + 2: spans.append((begin, len(ids)))
            best = model(torch.tensor([ids])).logits[0].argmax(-1)
            for begin, end in spans:
                right += all(best[t - 1] == ids[t] for t in range(begin, end))
            count += len(spans)
    return {'right': round(right / count, 3), 'n': count}


def easy_row(model, tokenizer, folder, role):
    probes = json.loads((folder / 'probes' / f'easy_{role}.json').read_text())['prompts']
    answers = answer(model, tokenizer, [p['prompt'] for p in probes], 96)
    right = sum(ended and text == f"It is {p['gold'][0]}." for p, (text, ended) in zip(probes, answers))
    return {'right': round(right / len(probes), 3), 'ended': sum(e for _, e in answers) / len(probes), 'n': len(probes)}


@torch.no_grad()
def perplexity(model, tokenizer, texts):
    total = count = 0
    for text in texts:
        ids = [corpus.BOS] + tokenizer.encode(text).ids + [corpus.EOS]
        logits = model(torch.tensor([ids])).logits[0, :-1]
        total += float(torch.nn.functional.cross_entropy(logits, torch.tensor(ids[1:]), reduction='sum'))
        count += len(ids) - 1
    return round(math.exp(total / count), 3)


@torch.no_grad()
def expert_use(model, tokenizer, world):
    """Share of all routed slots that each expert of each layer got, over answers and text."""
    count = collections.defaultdict(collections.Counter)
    hooks = [layer.router.register_forward_hook(lambda _, __, out, i=i: count[i].update(out[2].flatten().tolist()))
             for i, layer in enumerate(model.model.layers)]
    writer, encoder = corpus.Writer(world, 555), corpus.Encoder(tokenizer)
    for _ in range(4): model(torch.tensor([encoder.row(writer, 512)[0]]))
    for hook in hooks: hook.remove()
    return {i: [round(c[e] / c.total(), 3) for e in range(model.config.num_experts)] for i, c in count.items()}


def report(title, model, folder, world):
    tokenizer = Tokenizer.from_file(str(folder / 'tokenizer.json'))
    print(f'== {title}', flush=True)
    for role in corpus.ROLES:
        print(f'easy {role:7}', easy_row(model, tokenizer, folder, role))
    for role in corpus.ROLES:
        forms = corpus.LIST_FORMS[role]
        for kind in ('known', 'partly', 'missing'):
            topics = world.of(kind, role)
            if topics: print(f'{kind:8}{role:7}', list_row(model, tokenizer, topics, forms), flush=True)
    partly, forms = world.of('partly'), corpus.LIST_FORMS['report'][:1]
    print('tail known with the beginning given', hidden_knowledge(model, tokenizer, partly, forms))
    torch.manual_seed(7)
    print('partly at temperature 0.7, seed 7', list_row(model, tokenizer, partly, forms, do_sample=True, temperature=.7, top_k=0))
    writer = corpus.Writer(world, 777)
    print('perplexity of 100 unseen passages', perplexity(model, tokenizer, [writer.prose() for _ in range(100)]))
    if model.config.enable_moe_block: print('use of experts by layer', expert_use(model, tokenizer, world), flush=True)
