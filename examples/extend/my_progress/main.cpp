// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The smallest sink of progress of one's own, used as any other is, and checked with the laws that it claims.
// run:
#include <unloop/generate.hpp>
#include <unloop/io.hpp>

#include <laws/progress_sink.hpp>

#include <atomic>
#include <iostream>
#include <string>
#include <vector>

// [sink]
/// Writes a line when a stage begins, and ends the work when `stop` is set: by a signal handler, by a button.
struct interruptible {
    const std::atomic<bool>& stop;
    std::ostream& out;
    std::string stage = {};

    bool operator()(const unloop::progress_event& event) {
        if (event.stage != stage) out << event.stage << " ...\n";
        stage = event.stage;
        return !stop;
    }
};
static_assert(unloop::progress_sink<interruptible>);
// [/sink]

int main(int count, char** arguments) try {
    const std::string file = count > 1 ? arguments[1] : SMALL_MODEL;
    const auto model = unloop::load<unloop::llama>(unloop::gguf::open(file), unloop::reference{});
    std::atomic<bool> stop{false};
    // [laws]
    std::ostream silent(nullptr);
    const auto make = [&] { return interruptible{stop, silent}; };
    const auto broken = laws::broken_progress_sink_laws(make);
    for (const auto& law : broken) std::cout << "broken: " << law << '\n';
    // [/laws]

    // [use]
    interruptible sink{stop, std::cout};
    unloop::no_tap none;
    const std::vector<std::vector<unloop::token_id>> prompts{{5, 9, 33}, {70, 12}};
    const auto records = unloop::generate_all(model, prompts, {.max_tokens = 4, .stop_at_end_token = false},
                                              unloop::greedy{}, unloop::never_stop{}, none, sink);
    // [/use]
    for (const auto& record : records) std::cout << record.tokens.size() << " tokens\n";
    return broken.empty() ? 0 : 1;
} catch (const unloop::error& fault) {
    std::cerr << fault.what() << '\n';
    return 3;
}
