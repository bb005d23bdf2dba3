// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// What counts as a stop rule; the library's own keep the laws, and the laws find what is wrong.
#include <unloop/generate/stop_rule.hpp>

#include <archetypes/stop_rule.hpp>
#include <catch2/catch_test_macros.hpp>
#include <laws/stop_rule.hpp>
#include <unloop/detect/list_collapse.hpp>
#include <unloop/detect/periodic_loop.hpp>

#include <memory>
#include <string>
#include <vector>

using namespace unloop;

namespace {

using names = std::vector<std::string>;
using answer = std::vector<laws::answer_step>;

static_assert(stop_rule<archetypes::stop_rule>);
static_assert(!stop_rule<int>);
static_assert(!stop_rule<periodic_loop>);  // a detector is no rule: stop_at makes it one
struct not_copyable {
    not_copyable() = default;
    not_copyable(const not_copyable&) = delete;
    std::optional<finding> observe(token_id, std::string_view);
};
static_assert(observes_answers<not_copyable> && !stop_rule<not_copyable>);
struct answers_bool {
    bool observe(token_id, std::string_view);
};
static_assert(!stop_rule<answers_bool>);

/// A rule from a callable, which may change itself.
template <class Observe>
struct own_rule {
    Observe asked;
    std::optional<finding> observe(token_id token, std::string_view) { return asked(token); }
};
template <class Observe>
own_rule(Observe) -> own_rule<Observe>;

std::optional<finding> found(bool is_found, std::int64_t copies = 0) {
    return is_found ? std::optional(finding{.copies = copies}) : std::nullopt;
}

/// A rule with a fault: what it finds depends on what was asked before.
struct moody {
    std::shared_ptr<std::int64_t> calls = std::make_shared<std::int64_t>(0);
    std::optional<finding> observe(token_id token, std::string_view) const { return found(token == 4, ++*calls); }
};

/// A rule with a fault: it begins anew with each answer, but all copies count together.
struct shared {
    std::shared_ptr<int> seen = std::make_shared<int>(0);
    std::optional<finding> observe(token_id token, std::string_view) const {
        *seen = token == 1 ? 1 : *seen + 1;
        return found(*seen == 4);
    }
};

answer repeated(std::string_view piece, std::size_t count) { return answer(count, laws::answer_step{5, piece}); }
const answer up_to_four{{1, "a"}, {2, ""}, {3, "b "}, {4, "c"}}, two{{1, "a"}, {2, ""}};

}  // namespace

TEST_CASE("the library's rules and the smallest own one keep the laws of stop rules", "[laws]") {
    CHECK(laws::broken_stop_rule_laws(never_stop{}, {}, up_to_four) == names{});
    CHECK(laws::broken_stop_rule_laws(stop_at(periodic_loop{}), repeated("x", 100), up_to_four) == names{});
    CHECK(laws::broken_stop_rule_laws(stop_at(list_collapse{}), repeated("- a dog\n", 20), up_to_four) == names{});
    CHECK(laws::broken_stop_rule_laws(stop_at(periodic_loop{}, list_collapse{}), repeated("- a dog\n", 20),
                                      repeated("x", 90)) == names{});
    CHECK(laws::broken_stop_rule_laws(archetypes::stop_rule(4), up_to_four, two) == names{});
}

TEST_CASE("the laws of stop rules find what is wrong", "[laws]") {
    const auto eager = [](token_id) { return found(true); };
    const auto deaf = [](token_id) { return found(false); };
    const auto negative = [](token_id token) { return found(token == 4, -1); };
    const std::string silence = "silence: an answer that should pass is not stopped",
                      finding = "finding: an answer that should be stopped is",
                      numbers = "numbers: those of a finding are not negative",
                      determinism =
                          "determinism: equal copies stop equal answers at the same token, with the same finding",
                      copies = "copies: each goes on where it was made, alone";
    CHECK(laws::broken_stop_rule_laws(own_rule{eager}, up_to_four, two) == names{silence});
    CHECK(laws::broken_stop_rule_laws(own_rule{deaf}, up_to_four, two) == names{finding});
    CHECK(laws::broken_stop_rule_laws(own_rule{negative}, up_to_four, two) == names{numbers});
    CHECK(laws::broken_stop_rule_laws(moody{}, up_to_four, two) == names{determinism, copies});
    CHECK(laws::broken_stop_rule_laws(shared{}, up_to_four, two) == names{copies});
}
