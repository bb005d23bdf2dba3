# Copyright 2026 The unloop authors
# SPDX-License-Identifier: Apache-2.0
"""Tokens a second of llama.cpp on the same file, for comparison with bench_run_model; never part of the tests.

python llama_cpp_peer.py MODEL.gguf [THREADS [ROWS ...]]
Needs llama-cpp-python (0.3.36 was used). 64 prompt tokens, then 128 steps; the logits are computed, nothing is sampled.
"""
import os
import sys
import time

import llama_cpp as peer

path = sys.argv[1].encode()
threads = int(sys.argv[2]) if len(sys.argv) > 2 else os.cpu_count()
quiet = peer.llama_log_callback(lambda level, text, data: None)  # the library calls it later: it must stay alive
peer.llama_log_set(quiet, None)
peer.llama_backend_init()
model = peer.llama_model_load_from_file(path, peer.llama_model_default_params())


def context(rows, positions):
    wanted = peer.llama_context_default_params()
    wanted.n_ctx = rows * positions
    wanted.n_batch = wanted.n_ubatch = 512
    wanted.n_seq_max = rows
    wanted.n_threads = wanted.n_threads_batch = threads
    return peer.llama_init_from_model(model, wanted)


def run(where, batch, tokens):
    """One pass over (token, position, row, wants logits)."""
    batch.n_tokens = len(tokens)
    for i, (token, position, row, wants) in enumerate(tokens):
        batch.token[i], batch.pos[i] = token, position
        batch.n_seq_id[i], batch.seq_id[i][0], batch.logits[i] = 1, row, wants
    if peer.llama_decode(where, batch) != 0:
        sys.exit("llama.cpp could not decode")
    peer.llama_synchronize(where)


batch = peer.llama_batch_init(512, 0, 1)
for rows in [int(rows) for rows in sys.argv[3:]] or (1, 4, 16, 32, 64):
    where = context(rows, 256)
    for row in range(rows):
        run(where, batch, [(1000 + t, t, row, False) for t in range(64)])
    begin = time.perf_counter()
    for step in range(128):
        run(where, batch, [(2000 + row, 64 + step, row, True) for row in range(rows)])
    print(f"decode {rows:2} rows: {128 * rows / (time.perf_counter() - begin):7.1f} tokens/s, {threads} threads", flush=True)
    peer.llama_free(where)
where = context(1, 1024)
for turn in range(2):
    peer.llama_memory_clear(peer.llama_get_memory(where), True)
    begin = time.perf_counter()
    run(where, batch, [(1000 + t, t, 0, t == 511) for t in range(512)])
    seconds = time.perf_counter() - begin
print(f"prompt of 512: {512 / seconds:7.1f} tokens/s", flush=True)
