// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// A loaded model behind an interface, so that commands need not compile what runs it.
#include "model_session.hpp"
#include "any_model.hpp"

#include <unistd.h>  // sysconf
#include <unloop/detect/list_collapse.hpp>
#include <unloop/detect/periodic_loop.hpp>
#include <unloop/edit/check_plan.hpp>
#include <unloop/edit/plan_tap.hpp>

#include <algorithm>  // min
#include <utility>    // move

namespace tool {

namespace {

using namespace unloop;

/// Stops at a loop of either detector, if it is to, and counts tokens in any case.
class watched_loop {
  public:
    watched_loop(bool stops, std::int64_t& seen) : stops_(stops), seen_(&seen) {}
    std::optional<finding> observe(token_id token, std::string_view piece) {
        ++*seen_;
        if (!stops_) return std::nullopt;
        auto found = exact_.observe(token);
        const auto collapsed = list_.observe(piece);
        return found ? found : collapsed;
    }

  private:
    bool stops_;
    std::int64_t* seen_;
    periodic_loop exact_;
    list_collapse list_;
};

/// Refuses what would make the machine swap or the system end the program.
void expect_memory(const decoder_config& config, const generation_request& request) {
    const std::size_t rows = std::min(request.options.batch, request.prompts.size());
    const row_queue queue(request.prompts, rows, request.options.max_tokens, request.options.chunk,
                          takes_largest(request.sampler));
    const std::size_t needed = decoder_state::bytes(config, queue.size_of_state(request.options.keys_and_values));
    const auto present =
        static_cast<std::size_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    if (needed > present)
        throw error("this takes " + bytes_text(needed) + " of memory, the machine has " + bytes_text(present) +
                    "; lower --batch or --max-tokens");
}

class session final : public model_session {
  public:
    explicit session(any_model model) : model_(std::move(model)) {}

    [[nodiscard]] const decoder_config& config() const override { return model_.config(); }
    [[nodiscard]] const any_checkpoint& file() const override { return model_.file(); }
    [[nodiscard]] bool has_tokenizer() const override { return model_.has_tokenizer(); }
    [[nodiscard]] const any_tokenizer& tokenizer() const override { return model_.tokenizer(); }
    [[nodiscard]] std::vector<token_id> encode(const any_prompt& what) const override {
        return encode_prompt(model_, what);
    }
    [[nodiscard]] std::vector<record> generate(const generation_request& request, progress_bar& bar) const override {
        check_plan(request.edits, config());
        expect_memory(config(), request);
        plan_tap edits(request.edits);
        std::int64_t tokens = 0;
        const auto report = [&](const progress_event& event) {
            if (request.prompts.size() > 1) return bar(event);
            return bar({event.stage, tokens, static_cast<std::int64_t>(request.options.max_tokens)});
        };
        return generate_all(model_, std::span(request.prompts), request.options, request.sampler,
                            watched_loop(request.stop_at_loop, tokens), edits, report);
    }
    void trace(std::span<const token_id> ids, const trace_options& options, const plan& edits,
               activation_recorder& seen, progress_bar& bar) const override {
        check_plan(edits, config());
        plan_tap edited(edits);
        tap_pack both(edited, seen);
        unloop::trace(model_, ids, options, both, bar);
    }

  private:
    any_model model_;
};

}  // namespace

std::unique_ptr<model_session> open_model(const std::string& path, arithmetic kind) {
    return std::make_unique<session>(load_model(path, kind));
}

}  // namespace tool
