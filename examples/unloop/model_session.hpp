// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A loaded model of any family behind one interface, so that families are compiled in one place.
#ifndef UNLOOP_EXAMPLES_MODEL_SESSION_HPP
#define UNLOOP_EXAMPLES_MODEL_SESSION_HPP

#include <unloop/backend/fast_arithmetic.hpp>
#include <unloop/edit/plan.hpp>
#include <unloop/generate/activation_recorder.hpp>
#include <unloop/generate/generate.hpp>
#include <unloop/generate/sampling.hpp>
#include <unloop/generate/trace.hpp>
#include <unloop/io/open.hpp>
#include <unloop/report/progress_bar.hpp>

#include <memory>  // the model
#include <span>    // prompts
#include <string>  // path
#include <vector>  // records

namespace tool {

/// What to generate, and how.
struct generation_request {
    std::vector<std::vector<unloop::token_id>> prompts;
    unloop::generation_options options;
    unloop::sampling sampler;
    unloop::plan edits;         ///< applies to every prompt
    bool stop_at_loop = false;  ///< by `periodic_loop` and `list_collapse`
};

class model_session {
  public:
    virtual ~model_session() = default;

    [[nodiscard]] virtual const unloop::decoder_config& config() const = 0;
    [[nodiscard]] virtual const unloop::any_checkpoint& file() const = 0;
    [[nodiscard]] virtual bool has_tokenizer() const = 0;
    [[nodiscard]] virtual const unloop::any_tokenizer& tokenizer() const = 0;
    [[nodiscard]] virtual std::vector<unloop::token_id> encode(const unloop::any_prompt& what) const = 0;
    /// One record a prompt. The bar counts tokens of a single prompt, else prompts. Throws `unloop::error` when the
    /// machine has less memory than this takes.
    [[nodiscard]] virtual std::vector<unloop::record> generate(const generation_request& request,
                                                               unloop::progress_bar& bar) const = 0;
    virtual void trace(std::span<const unloop::token_id> ids, const unloop::trace_options& options,
                       const unloop::plan& edits, unloop::activation_recorder& seen,
                       unloop::progress_bar& bar) const = 0;
};

/// Throws `unloop::error`.
[[nodiscard]] std::unique_ptr<model_session> open_model(const std::string& path,
                                                        unloop::arithmetic kind = unloop::arithmetic::exact);

}  // namespace tool

#endif
