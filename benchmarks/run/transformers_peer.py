# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
"""Tokens a second of Hugging Face transformers on the same file, for comparison with bench_run_model; never part of the tests.

python transformers_peer.py MODEL.gguf [THREADS [ROWS ...]]
Needs torch, transformers, gguf, accelerate. Float32 on the CPU, the weights dequantised, 64 prompt tokens, 64 greedy steps.
"""
import os
import sys
import time

import torch
from transformers import AutoModelForCausalLM

path = sys.argv[1]
torch.set_num_threads(int(sys.argv[2]) if len(sys.argv) > 2 else os.cpu_count())
folder, file = os.path.split(os.path.abspath(path))
model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=file, dtype=torch.float32).eval()
for batch in [int(rows) for rows in sys.argv[3:]] or (1, 4, 16, 32, 64):
    prompt = (1000 + torch.arange(64)).repeat(batch, 1)
    with torch.inference_mode():
        past = model(prompt, use_cache=True).past_key_values
        token = torch.full((batch, 1), 2000)
        begin = time.perf_counter()
        for _ in range(64):
            step = model(token, past_key_values=past, use_cache=True)
            past, token = step.past_key_values, step.logits[:, -1:].argmax(-1)
        seconds = time.perf_counter() - begin
    print(f"decode {batch:2} rows: {64 * batch / seconds:7.1f} tokens/s, {torch.get_num_threads()} threads", flush=True)
with torch.inference_mode():
    prompt = (1000 + torch.arange(512) % 5000).repeat(1, 1)
    model(prompt, logits_to_keep=1)
    begin = time.perf_counter()
    model(prompt, logits_to_keep=1)
    print(f"prompt of 512: {512 / (time.perf_counter() - begin):7.1f} tokens/s", flush=True)
