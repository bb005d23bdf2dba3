// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The smallest side-effect metric: its results can be compared, and nothing else.
#ifndef UNLOOP_ARCHETYPES_SIDE_EFFECT_METRIC_HPP
#define UNLOOP_ARCHETYPES_SIDE_EFFECT_METRIC_HPP

#include <unloop/evaluate/forced_run.hpp>
#include <unloop/parallel/serial.hpp>

#include <deque>  // results

namespace archetypes {

/// Sum of the logits of token 0 at answer tokens. Neither copied nor default-constructible.
struct side_effect_metric {
    class result {
      public:
        friend bool operator==(const result&, const result&) = default;

      private:
        friend side_effect_metric;
        double sum_ = 0;
    };

    explicit side_effect_metric(int /*unused*/) {}
    side_effect_metric(const side_effect_metric&) = delete;
    side_effect_metric& operator=(const side_effect_metric&) = delete;

    template <class Model>
    std::deque<result> operator()(const Model& model, std::span<const unloop::plan* const> plans,
                                  std::span<const unloop::forced_text> texts,
                                  const unloop::forced_options& /*options*/) const {
        std::deque<result> results(plans.size());
        unloop::serial executor;
        for (const unloop::forced_text& text : texts) {
            unloop::forced_run<Model> run(model, plans, text.tokens.size(), text.tokens.size());
            run.read(text, 0, text.tokens.size() - 1, executor);
            for (std::size_t arm = 0; arm < plans.size(); ++arm)
                for (std::size_t i = 0; i < run.predicted(); ++i)
                    results[arm].sum_ += static_cast<double>(run.logits(arm, i)[0]);
        }
        return results;
    }
};

}  // namespace archetypes

#endif
