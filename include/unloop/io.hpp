// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Umbrella of the room `io`: checkpoints, tokenizers and chat formats, read and written.
#ifndef UNLOOP_IO_HPP
#define UNLOOP_IO_HPP

#include <unloop/io/added_tokens.hpp>
#include <unloop/io/answer_decoder.hpp>
#include <unloop/io/any_chat_format.hpp>
#include <unloop/io/any_tokenizer.hpp>
#include <unloop/io/atomic_file.hpp>
#include <unloop/io/atomic_folder.hpp>
#include <unloop/io/bpe.hpp>
#include <unloop/io/byte_fallback.hpp>
#include <unloop/io/byte_level.hpp>
#include <unloop/io/byte_reader.hpp>
#include <unloop/io/channels.hpp>
#include <unloop/io/chat_format.hpp>
#include <unloop/io/chat_template.hpp>
#include <unloop/io/checkpoint.hpp>
#include <unloop/io/end_tokens.hpp>
#include <unloop/io/file_descriptor.hpp>
#include <unloop/io/gemma_chat.hpp>
#include <unloop/io/gemma_template.hpp>
#include <unloop/io/gguf.hpp>
#include <unloop/io/gguf_entry.hpp>
#include <unloop/io/gguf_gemma4.hpp>
#include <unloop/io/gguf_llama.hpp>
#include <unloop/io/gguf_metadata.hpp>
#include <unloop/io/gguf_model.hpp>
#include <unloop/io/gguf_shape.hpp>
#include <unloop/io/gguf_types.hpp>
#include <unloop/io/hugging_face.hpp>
#include <unloop/io/integer_map.hpp>
#include <unloop/io/language_model.hpp>
#include <unloop/io/load.hpp>
#include <unloop/io/mapped_file.hpp>
#include <unloop/io/memory_watch.hpp>
#include <unloop/io/name_index.hpp>
#include <unloop/io/patched_copy.hpp>
#include <unloop/io/patched_directory.hpp>
#include <unloop/io/pre_tokenizer.hpp>
#include <unloop/io/read_array.hpp>
#include <unloop/io/safetensors_writer.hpp>
#include <unloop/io/sha256.hpp>
#include <unloop/io/stored_tensor.hpp>
#include <unloop/io/stream_decoder.hpp>
#include <unloop/io/tensor_file.hpp>
#include <unloop/io/tensor_files.hpp>
#include <unloop/io/tokenizer.hpp>
#include <unloop/io/tokenizer_data.hpp>
#include <unloop/io/tokenizer_parts.hpp>
#include <unloop/io/unicode.hpp>
#include <unloop/io/unicode_ranges.hpp>
#include <unloop/io/utf8.hpp>
#include <unloop/io/vocabulary.hpp>

#endif
