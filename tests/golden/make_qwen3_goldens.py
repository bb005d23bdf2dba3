#!/usr/bin/env python3
# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
"""Makes a small random Qwen3 as a GGUF file, and what transformers computes with it.

    pip install torch transformers safetensors gguf numpy
    python3 make_qwen3_goldens.py OUTPUT_FOLDER

Writes gguf/qwen3.bf16.gguf and gguf/qwen3.expected.safetensors, whose tensors README.md describes.
"""
import pathlib
import sys

import gguf
import numpy
import torch
from safetensors.torch import save_file
from transformers import Qwen3Config, Qwen3ForCausalLM

LAYERS, HIDDEN, NEURONS, HEADS, KEY_HEADS, HEAD_SIZE, VOCABULARY = 2, 24, 40, 4, 2, 8, 60
LENGTH, PROMPT, NEW_TOKENS = 20, 8, 24
EPSILON, ROTARY_BASE, CONTEXT = 1e-6, 1e6, 128
SMALLEST_GAP = 0.01  # a greedy choice that wins by less could flip with the order of a sum

NAMES = {
    "model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output",
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
}


def random_model(seed):
    """Weights that bfloat16 holds exactly; norms far from 1, so that a missing one shows."""
    config = Qwen3Config(
        vocab_size=VOCABULARY, hidden_size=HIDDEN, intermediate_size=NEURONS, num_hidden_layers=LAYERS,
        num_attention_heads=HEADS, num_key_value_heads=KEY_HEADS, head_dim=HEAD_SIZE, max_position_embeddings=CONTEXT,
        rms_norm_eps=EPSILON, rope_parameters={"rope_type": "default", "rope_theta": ROTARY_BASE},
        tie_word_embeddings=False, attention_bias=False)
    config._attn_implementation = "eager"
    model = Qwen3ForCausalLM(config).float().eval()
    random = numpy.random.default_rng(seed)
    with torch.no_grad():
        for _, weight in sorted(model.named_parameters()):
            values = random.standard_normal(tuple(weight.shape))
            values = numpy.abs(1 + 0.3 * values) + 0.1 if weight.dim() == 1 else values / weight.shape[1]**0.5
            weight.copy_(torch.from_numpy(values).to(torch.bfloat16).float())
    return model


@torch.no_grad()
def expected_values(model, seed):
    tokens = torch.from_numpy(numpy.random.default_rng(seed + 1).integers(0, VOCABULARY, (2, LENGTH)))
    text, gaps = tokens[:, :PROMPT], []
    for _ in range(NEW_TOKENS):
        best = model(input_ids=text, use_cache=False).logits[:, -1].topk(2)
        text = torch.cat([text, best.indices[:, :1]], 1)
        gaps.append(best.values[:, 0] - best.values[:, 1])
    return {"tokens": tokens.int(), "logits": model(input_ids=tokens, use_cache=False).logits,
            "greedy": text[:, PROMPT:].int().contiguous(), "greedy_gap": torch.stack(gaps, 1)}


def gguf_name(name):
    parts = name.split(".")
    layer = parts[1] == "layers"
    return (f"blk.{parts[2]}." if layer else "") + NAMES[".".join(parts[3:-1] if layer else parts[:-1])] + ".weight"


def write_gguf(model, path):
    """Rows as they are: the converter of this architecture permutes nothing."""
    writer = gguf.GGUFWriter(path, "qwen3")
    writer.add_context_length(CONTEXT), writer.add_embedding_length(HIDDEN), writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(NEURONS), writer.add_head_count(HEADS), writer.add_head_count_kv(KEY_HEADS)
    writer.add_key_length(HEAD_SIZE), writer.add_value_length(HEAD_SIZE)
    writer.add_layer_norm_rms_eps(EPSILON), writer.add_rope_freq_base(ROTARY_BASE)
    for name, weight in model.named_parameters():
        values = weight.detach().numpy()
        if values.ndim == 1:
            writer.add_tensor(gguf_name(name), values)
        else:
            bf16 = gguf.GGMLQuantizationType.BF16
            writer.add_tensor(gguf_name(name), gguf.quants.quantize(values, bf16), raw_dtype=bf16)
    writer.write_header_to_file(), writer.write_kv_data_to_file(), writer.write_tensors_to_file()
    writer.close()


def main():
    folder = pathlib.Path(sys.argv[1]) / "gguf"
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    for seed in range(1, 1000):
        model = random_model(seed)
        values = expected_values(model, seed)
        if values["greedy_gap"].min() >= SMALLEST_GAP:
            break
    write_gguf(model, folder / "qwen3.bf16.gguf")
    save_file(values, folder / "qwen3.expected.safetensors")
    print(f"seed {seed}, greedy gaps from {float(values['greedy_gap'].min()):.3g}")


if __name__ == "__main__":
    main()
