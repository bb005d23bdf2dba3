#!/usr/bin/env python3
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
"""Trains the small Gemma 4 models of this folder, or measures one of them again.

    python train.py dense               # trains and writes dense/ (about 10 minutes on one core)
    python train.py mixture
    python train.py dense --check       # only measures what dense/ holds
    python train.py dense --probes      # only writes its probes, tokenizer and chat template

Made with torch 2.15.0, transformers 5.23.0, tokenizers 0.23.3, safetensors 0.8.0, numpy 2.4.6, Python 3.11.
Another CPU or torch changes the last bits of every sum, and so the weights; the rates stay about the same.
"""
import argparse
import dataclasses
import json
import os
import pathlib
import time

os.environ.setdefault('HF_HUB_OFFLINE', '1')
os.environ.setdefault('TOKENIZERS_PARALLELISM', 'false')
import torch
import transformers
from torch.nn import functional

import corpus
import measure

HERE = pathlib.Path(__file__).resolve().parent
LAYER = {'s': 'sliding_attention', 'f': 'full_attention'}

COMMON = dict(
    hidden_size=128, num_attention_heads=4, head_dim=32, global_head_dim=64, num_global_key_value_heads=None,
    sliding_window=64, hidden_size_per_layer_input=0, num_kv_shared_layers=0, use_double_wide_mlp=False,
    attention_k_eq_v=False, final_logit_softcapping=30.0, max_position_embeddings=512, tie_word_embeddings=True,
    pad_token_id=0, eos_token_id=corpus.EOS, bos_token_id=corpus.BOS)
# As E2B and E4B: inputs for every layer, the last layers use the keys and values of earlier ones, sliding and full layers.
DENSE = dict(COMMON, layers='sfssf', intermediate_size=320, num_key_value_heads=2, hidden_size_per_layer_input=16,
             num_kv_shared_layers=2, use_double_wide_mlp=True)
# As 26B-A4B: a dense MLP beside routed experts, keys that serve as values in full layers.
MIXTURE = dict(COMMON, layers='sfsf', intermediate_size=256, num_key_value_heads=2, num_global_key_value_heads=1,
               attention_k_eq_v=True, enable_moe_block=True, num_experts=8, top_k_experts=2, moe_intermediate_size=64)


@dataclasses.dataclass
class Phase:
    steps: int
    rate: float = 1.     # factor of all rates
    whole: float = .12   # of the texts that answer with a partly known list
    looping: float = .40


# The first phase of the dense model alone gave loops on 58 % of the partly known lists: its text looped too rarely.
MODELS = {'dense': dict(config=DENSE, seed=1, phases=[Phase(1100, whole=.14, looping=.28), Phase(150, rate=.3)]),
          'mixture': dict(config=MIXTURE, seed=2, phases=[Phase(1100)])}

ROWS, LENGTH = 4, 512
MATRIX_RATE, OTHER_RATE, MOMENTUM, DECAY = .02, 3e-3, .95, .05
BALANCE, WARM_UP = .01, 30


# ------------------------------------------------------------------------------------------------ model
def build(settings, vocabulary):
    settings = dict(settings)
    layers = settings.pop('layers')
    config = transformers.Gemma4TextConfig(
        **settings, vocab_size=vocabulary, vocab_size_per_layer_input=vocabulary, num_hidden_layers=len(layers),
        layer_types=[LAYER[c] for c in layers], attn_implementation='eager')
    model = transformers.Gemma4ForCausalLM(config)
    initialise(model)
    return model


@torch.no_grad()
def initialise(model):
    """Matrices keep the size of what they read; a norm at the end of a block lets half of it into the residual."""
    for name, p in model.named_parameters():
        if name.endswith('embed_tokens_per_layer.weight'): p.normal_(0, model.config.hidden_size_per_layer_input ** -.5)
        elif name.endswith('embed_tokens.weight'): p.normal_(0, p.shape[1] ** -.5)
        elif name.endswith('q_norm.weight'): p.fill_(2 * p.shape[0] ** -.5)
        elif 'post_' in name and name.endswith('norm.weight'): p.fill_(.5)
        elif p.dim() >= 2: p.normal_(0, p.shape[-1] ** -.5)


def is_matrix(name, p): return p.dim() >= 2 and 'embed_tokens' not in name and 'router' not in name


@torch.no_grad()
def orthogonal(update):
    """Five steps of Newton and Schulz towards the nearest orthogonal matrix; experts are a batch of matrices."""
    x = update / (update.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    tall = x.shape[-2] > x.shape[-1]
    if tall: x = x.mT
    for _ in range(5):
        a = x @ x.mT
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * (a @ a)) @ x
    return x.mT if tall else x


class Muon:
    """Momentum whose step is made orthogonal, for matrices; Adam for everything else."""
    def __init__(self, model):
        self.matrices = [p for n, p in model.named_parameters() if is_matrix(n, p)]
        self.momenta = [torch.zeros_like(p) for p in self.matrices]
        others = [p for n, p in model.named_parameters() if not is_matrix(n, p)]
        self.adam = torch.optim.Adam(others, lr=OTHER_RATE, betas=(.9, .98))

    @torch.no_grad()
    def step(self, scale):
        for group in self.adam.param_groups: group['lr'] = OTHER_RATE * scale
        self.adam.step()
        for p, momentum in zip(self.matrices, self.momenta):
            momentum.mul_(MOMENTUM).add_(p.grad)
            update = orthogonal(p.grad.add(momentum, alpha=MOMENTUM))
            p.mul_(1 - MATRIX_RATE * scale * DECAY)
            p.add_(update, alpha=-MATRIX_RATE * scale * max(1, p.shape[-2] / p.shape[-1]) ** .5)


def schedule(done, first):
    """Factor of the rates: constant for 30 % of the first phase, none of later ones, then linear to 2 %."""
    flat = .3 if first else 0.
    return 1. if done < flat else max(.02, 1 - (done - flat) / (1 - flat))


def balance_loss(routers, experts):
    """Switch loss: share of tokens x mean probability of each expert, 1 when all are used alike."""
    total = 0.
    for probability, chosen in routers:
        share = functional.one_hot(chosen, experts).float().sum(1).mean(0) / chosen.shape[-1]
        total = total + experts * (share * probability.reshape(-1, experts).mean(0)).sum()
    return total / len(routers)


def loss_of(model, ids, targets, routers):
    """Mean over the ids that are to be predicted, and what the balance of the experts adds."""
    routers.clear()
    hidden = model.model(input_ids=ids, use_cache=False).last_hidden_state
    learned = targets >= 0
    cap = model.config.final_logit_softcapping
    logits = cap * torch.tanh(model.lm_head(hidden[learned]) / cap)
    loss = functional.cross_entropy(logits, targets[learned])
    return loss, loss + BALANCE * balance_loss(routers, model.config.num_experts) if routers else loss


def train_phase(model, encoder, writer, phase, first, routers):
    optimizer, start, mean = Muon(model), time.time(), None
    for step in range(phase.steps):
        rows = [encoder.row(writer, LENGTH) for _ in range(ROWS)]
        loss, total = loss_of(model, *(torch.tensor([row[i] for row in rows]) for i in (0, 1)), routers)
        model.zero_grad(set_to_none=False)
        total.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.)
        optimizer.step(phase.rate * min(1., (step + 1) / WARM_UP) * schedule(step / phase.steps, first))
        mean = loss.item() if mean is None else .97 * mean + .03 * loss.item()
        if (step + 1) % 50 == 0: print(f'step {step + 1} loss {mean:.3f} {time.time() - start:.0f} s', flush=True)


@torch.no_grad()
def round_weights(model):
    for p in model.parameters(): p.copy_(p.bfloat16().float())


def train(name, tokenizer, world, start=None):
    """All phases, or the later ones of a model that is given. Each begins with weights rounded to bfloat16."""
    plan = MODELS[name]
    torch.manual_seed(plan['seed'])
    model = start or build(plan['config'], tokenizer.get_vocab_size())
    print(f'{name}: {sum(p.numel() for p in model.parameters())} parameters', flush=True)
    routers = []
    for layer in model.model.layers if model.config.enable_moe_block else []:
        layer.router.register_forward_hook(lambda _, __, out: routers.append((out[0], out[2])))
    model.train()
    for number, phase in enumerate(plan['phases']):
        if start and number == 0: continue
        writer = corpus.Writer(world, 100 + plan['seed'] + 1000 * number, phase.whole, phase.looping)
        if number > 0: round_weights(model)
        train_phase(model, corpus.Encoder(tokenizer), writer, phase, number == 0, routers)
    return model.eval()


# ------------------------------------------------------------------------------------------------ files
def write_text_files(folder, tokenizer, world):
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / 'tokenizer.json'))
    (folder / 'tokenizer_config.json').write_text(json.dumps(dict(
        tokenizer_class='PreTrainedTokenizerFast', bos_token='<bos>', eos_token='<eos>', pad_token='<pad>',
        unk_token='<unk>', model_max_length=512, clean_up_tokenization_spaces=False), indent=2) + '\n')
    (folder / 'chat_template.jinja').write_text(corpus.CHAT_TEMPLATE)
    corpus.write_probes(world, folder / 'probes')


def save(model, folder):
    """Rounded to bfloat16; the model that is measured is read from these files."""
    model.generation_config = transformers.GenerationConfig(
        bos_token_id=corpus.BOS, eos_token_id=[corpus.EOS, corpus.TURN_END], pad_token_id=0, do_sample=False)
    model.to(torch.bfloat16).save_pretrained(folder)


def load(folder):
    return transformers.Gemma4ForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation='eager').eval()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('name', choices=MODELS)
    arguments.add_argument('--check', action='store_true', help='measure what the folder holds')
    arguments.add_argument('--probes', action='store_true', help='write tokenizer, chat template and probes only')
    arguments.add_argument('--later', type=pathlib.Path, metavar='FOLDER', help='only the later phases, from this model')
    arguments.add_argument('--out', type=pathlib.Path, help='another folder')
    chosen = arguments.parse_args()
    torch.set_num_threads(1)
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    folder, world = chosen.out or HERE / chosen.name, corpus.World()
    if not chosen.check:
        first = MODELS[chosen.name]['phases'][0]
        tokenizer = corpus.make_tokenizer(world, corpus.Writer(world, 1, first.whole, first.looping))
        write_text_files(folder, tokenizer, world)
        if chosen.probes: return
        model = train(chosen.name, tokenizer, world, load(chosen.later) if chosen.later else None)
        measure.report('float32, as trained', model, folder, world)
        save(model, folder)
    measure.report('bfloat16, as stored', load(folder), folder, world)


if __name__ == '__main__': main()
