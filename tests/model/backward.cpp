// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Gradients of every golden model against transformers' autograd, and equality of every way to compute them.
#include <unloop/model/backward.hpp>

#include <catch2/catch_template_test_macros.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/io/hugging_face_json.hpp>
#include <unloop/io/load.hpp>
#include <unloop/kernels/log_sum_exp.hpp>
#include <unloop/kernels/top_k.hpp>
#include <unloop/model/any_decoder.hpp>
#include <unloop/model/weight_gradients.hpp>

#include "golden_run.hpp"

using namespace unloop;

namespace {

/// Keeps gradients of every site by the goldens' names, and the sum over positions of value times gradient.
struct gradient_recorder {
    std::map<std::string, std::vector<float>> gradients;
    std::map<std::string, std::vector<double>> products;  ///< [rows, width]

    template <class Site>
    void operator()(Site, const tap_place& place, const_matrix_view values, matrix_view of_values) {
        std::string name(Site::name);
        if (Site::every_layer) name += "." + std::to_string(place.layer);
        CHECK(values.rows() == of_values.rows());
        CHECK(values.columns() == of_values.columns());
        std::vector<float>& to = gradients[name];
        to.clear();
        for (std::size_t t = 0; t < of_values.rows(); ++t)
            to.insert(to.end(), of_values[t].begin(), of_values[t].end());
        if (values.rows() != place.tokens.size()) return;
        std::vector<double>& sums = products[name];
        for (std::size_t t = 0; t < values.rows(); ++t) {
            const std::size_t at = static_cast<std::size_t>(place.tokens[t].row) * values.columns();
            sums.resize(std::max(sums.size(), at + values.columns()));
            for (std::size_t j = 0; j < values.columns(); ++j)
                sums[at + j] += static_cast<double>(values[t][j]) * static_cast<double>(of_values[t][j]);
        }
    }
};

std::vector<batch_token> all_tokens(std::span<const std::int32_t> ids) {
    std::vector<batch_token> tokens;
    for (std::size_t t = 0; t < ids.size(); ++t)
        tokens.push_back({ids[t], static_cast<std::int32_t>(t / golden::length),
                          static_cast<std::int32_t>(t % golden::length), true});
    return tokens;
}

/// d/d logits of the sum of log-probabilities of each row's own next tokens.
struct log_prob_seed {
    std::span<const batch_token> tokens;
    void operator()(const_matrix_view logits, matrix_view gradient) const {
        for (std::size_t t = 0; t + 1 < tokens.size(); ++t) {
            if (tokens[t + 1].row != tokens[t].row) continue;
            const float total = kernels::log_sum_exp(reference{}, logits[t]);
            for (std::size_t v = 0; v < logits.columns(); ++v) gradient[t][v] = -std::exp(logits[t][v] - total);
            gradient[t][static_cast<std::size_t>(tokens[t + 1].token)] += 1.0F;
        }
    }
};

/// What `log_prob_seed` is the derivative of.
double log_prob(const_matrix_view logits, std::span<const batch_token> tokens) {
    double sum = 0;
    for (std::size_t t = 0; t + 1 < tokens.size(); ++t)
        if (tokens[t + 1].row == tokens[t].row)
            sum += static_cast<double>(logits[t][static_cast<std::size_t>(tokens[t + 1].token)]) -
                   static_cast<double>(kernels::log_sum_exp(reference{}, logits[t]));
    return sum;
}

/// Of the largest minus the second largest logit of each row's last position.
struct margin_seed {
    void operator()(const_matrix_view logits, matrix_view gradient) const {
        for (std::size_t t = golden::length - 1; t < logits.rows(); t += golden::length) {
            std::int32_t best[2];
            kernels::top_k(reference{}, logits[t], best);
            gradient[t][static_cast<std::size_t>(best[0])] = 1.0F;
            gradient[t][static_cast<std::size_t>(best[1])] = -1.0F;
        }
    }
};

/// One backward pass, within the memory that its estimate told.
template <class Model, class Seed, class GradientTap, class Executor = serial>
void run_backward(const Model& model, std::span<const batch_token> tokens, const Seed& seed, GradientTap& gradients,
                  kept_activations kept = kept_activations::residual, Executor&& executor = {}) {
    const state_size size{static_cast<std::size_t>(tokens.back().row) + 1, golden::length, tokens.size(),
                          tokens.size()};
    decoder_state state(model.config(), size);
    backward_state memory(model.config(), size, kept);
    no_tap none;
    backward(model.decoder(), state, memory, tokens, seed, gradients, executor, none);
    const std::size_t cost = backward_state::cost(model.config(), size, kept).bytes;
    CHECK(memory.bytes() <= cost);
    CHECK(memory.bytes() * 3 >= cost);
}

template <class Model, class Seed, class Executor = serial>
gradient_recorder gradients_of(const Model& model, std::span<const batch_token> tokens, const Seed& seed,
                               kept_activations kept = kept_activations::residual, Executor&& executor = {}) {
    gradient_recorder recorder;
    run_backward(model, tokens, seed, recorder, kept, executor);
    return recorder;
}

/// Records gradients at sites and sums up those of weights.
struct recorder_with_weights : gradient_recorder {
    weight_gradients<reference>& weights;

    explicit recorder_with_weights(weight_gradients<reference>& of) : weights(of) {}
    using gradient_recorder::operator();
    void operator()(const parameter_name& name, const_matrix_view inputs, const_matrix_view of_products) const {
        weights(name, inputs, of_products);
    }
};

/// For each column of a matrix the sum of weight times gradient.
std::vector<double> products_of_columns(const weight_view& matrix, const_matrix_view gradients) {
    std::vector<double> sums(matrix.columns);
    std::vector<float> row(matrix.columns);
    for (std::size_t i = 0; i < matrix.rows; ++i) {
        decode_row(matrix, i, row);
        for (std::size_t j = 0; j < row.size(); ++j)
            sums[j] += static_cast<double>(row[j]) * static_cast<double>(gradients[i][j]);
    }
    return sums;
}

/// Largest difference as a share of the largest expected magnitude.
template <class Values>
double relative(const Values& actual, const std::vector<float>& expected) {
    double largest = 0;
    for (const float value : expected) largest = std::max(largest, std::abs(static_cast<double>(value)));
    return golden::difference(actual, expected) / largest;
}

template <class Model>
int compare(const Model& model, const golden::tensors& expected, const std::vector<batch_token>& tokens,
            kept_activations kept) {
    const gradient_recorder of_log_prob = gradients_of(model, tokens, log_prob_seed{tokens}, kept);
    const gradient_recorder of_margin = gradients_of(model, tokens, margin_seed{}, kept);
    int compared = 0;
    for (const stored_tensor& tensor : expected.all()) {
        const std::string& name = tensor.name;
        INFO(name);
        double apart = 0;
        if (name.starts_with("grad."))
            apart = relative(of_log_prob.gradients.at(name.substr(5)), expected.floats(name));
        else if (name.starts_with("scores.log_prob."))
            apart = relative(of_log_prob.products.at("mlp_neurons" + name.substr(15)), expected.floats(name));
        else if (name.starts_with("scores.loop_margin."))
            apart = relative(of_margin.products.at("mlp_neurons" + name.substr(18)), expected.floats(name));
        else
            continue;
        CHECK(apart < 1e-4);
        ++compared;
    }
    return compared;
}

template <class Backend, class Use>
void for_each_model(const Use& use) {
    for (const std::string name : {"e_like", "dense", "moe", "unified", "mixtral", "llama"}) {
        const auto model = load<any_decoder>(hugging_face::open(golden::path("models/" + name)), Backend{});
        const golden::tensors expected("models/" + name + "/expected.safetensors");
        const auto ids = expected.integers("tokens");
        INFO(name);
        use(model, expected, all_tokens(ids));
    }
}

}  // namespace

TEMPLATE_TEST_CASE("gradients and scores of every golden model are those of autograd", "[parity]", reference,
                   dispatched) {
    for (const auto kept : {kept_activations::residual, kept_activations::every_site}) {
        int compared = 0;
        for_each_model<TestType>([&](const auto& model, const golden::tensors& expected, const auto& tokens) {
            compared += compare(model, expected, tokens, kept);
        });
        CHECK(compared == 119);
    }
}

TEST_CASE("gradients have the same bits alone and beside other rows, on any number of threads", "[invariance]") {
    for_each_model<dispatched>([](const auto& model, const golden::tensors&, const auto& tokens) {
        const gradient_recorder together = gradients_of(model, tokens, log_prob_seed{tokens});
        for (const std::size_t threads : {2U, 3U}) {
            thread_pool pool(threads);
            CHECK(gradients_of(model, tokens, log_prob_seed{tokens}, kept_activations::every_site, pool).gradients ==
                  together.gradients);
        }
        const std::span row = std::span(tokens).first(golden::length);
        for (const auto& [name, gradient] : gradients_of(model, row, log_prob_seed{row}).gradients) {
            INFO(name);
            CHECK(std::equal(gradient.begin(), gradient.end(), together.gradients.at(name).begin()));
        }
    });
}

TEST_CASE("a pass that begins at a later layer has the gradients of the whole one there", "[invariance]") {
    for_each_model<dispatched>([](const auto& model, const golden::tensors&, const auto& tokens) {
        const gradient_recorder whole = gradients_of(model, tokens, log_prob_seed{tokens});
        const std::size_t first = model.config().lowest_read(2);
        const state_size size{3, golden::length, tokens.size(), tokens.size()};
        decoder_state state(model.config(), size);
        backward_state memory(model.config(), size);
        gradient_recorder part;
        golden::recorder seen;
        no_tap none;
        serial alone;
        model.decoder().forward(state, tokens, alone, seen);
        const auto& entering = seen.values["hidden." + std::to_string(first)];
        std::copy(entering.begin(), entering.end(), state.stream(tokens.size()).data());
        backward(model.decoder(), state, memory, tokens, log_prob_seed{tokens}, part, alone, none, first);
        CHECK(part.gradients.contains("mlp_out." + std::to_string(first)));
        if (first > 0) CHECK_FALSE(part.gradients.contains("mlp_out." + std::to_string(first - 1)));
        for (const auto& [name, gradient] : part.gradients) {
            INFO(name);
            CHECK(gradient == whole.gradients.at(name));
        }
    });
}

TEST_CASE("what a matrix reads has one product of value and gradient, by its activations and by its weights") {
    for_each_model<reference>([](const auto& model, const golden::tensors&, const auto& tokens) {
        std::map<parameter_name, weight_view> matrices;
        std::vector<parameter_name> names;
        auto views = model.decoder();
        views.for_each_parameter([&]<class Slot>(parameter_name name, parameter_shape, Slot& slot) {
            if constexpr (std::same_as<Slot, matrix_parameter>)
                if (name.role == parameter_role::down || name.role == parameter_role::attention_output)
                    matrices[name] = slot, names.push_back(name);
        });
        weight_gradients weights(reference{}, model.decoder(), names);
        recorder_with_weights recorder(weights);
        run_backward(model, tokens, log_prob_seed{tokens}, recorder);
        for (const auto& [name, matrix] : matrices) {
            const std::string site(name.role == parameter_role::down ? sites::mlp_neurons::name
                                                                     : sites::attention_heads::name);
            INFO(site << " " << name.layer);
            const std::vector<double>& by_row = recorder.products.at(site + "." + std::to_string(name.layer));
            std::vector<float> expected(matrix.columns);
            for (std::size_t i = 0; i < by_row.size(); ++i)
                expected[i % matrix.columns] += static_cast<float>(by_row[i]);
            CHECK(relative(products_of_columns(matrix, weights.of(name)), expected) < 1e-4);
        }
    });
}

TEST_CASE("a step along the gradient of a matrix changes the objective by its squared norm") {
    const auto model = load<llama>(hugging_face::open(golden::path("models/llama")), reference{});
    const auto ids = golden::tensors("models/llama/expected.safetensors").integers("tokens");
    const std::vector<batch_token> tokens = all_tokens(ids);
    const log_prob_seed seed{tokens};
    const state_size size{static_cast<std::size_t>(tokens.back().row) + 1, golden::length, tokens.size(),
                          tokens.size()};
    decoder_state state(model.config(), size);
    backward_state memory(model.config(), size);
    serial executor;
    no_tap none;
    // [weights]
    const parameter_name wanted{0, parameter_role::up};  // of layer 0
    weight_gradients gradients(reference{}, model.decoder(), std::span(&wanted, 1));
    backward(model.decoder(), state, memory, tokens, seed, gradients, executor, none);
    const const_matrix_view of_up = gradients.of(wanted);  // [rows, columns] of the matrix
    // [/weights]
    double squared = 0;
    for (std::size_t i = 0; i < of_up.rows(); ++i)
        for (const float g : of_up[i]) squared += static_cast<double>(g) * static_cast<double>(g);

    const auto after_step = [&](float step) {
        auto moved = model.decoder();
        std::vector<float> weights(of_up.rows() * of_up.columns());
        moved.for_each_parameter([&]<class Slot>(parameter_name name, parameter_shape shape, Slot& slot) {
            if constexpr (std::same_as<Slot, matrix_parameter>)
                if (name == wanted) {
                    for (std::size_t i = 0; i < shape.rows; ++i) {
                        const std::span row = std::span(weights).subspan(i * shape.columns, shape.columns);
                        decode_row(slot, i, row);
                        for (std::size_t j = 0; j < row.size(); ++j) row[j] += step * of_up[i][j];
                    }
                    slot = as_weights({weights.data(), shape.rows, shape.columns});
                }
        });
        return log_prob(moved.forward(state, tokens, executor, none), tokens);
    };
    const float step = 0.01F / static_cast<float>(squared);
    const double slope = (after_step(step) - after_step(-step)) / (2 * static_cast<double>(step));
    CHECK(std::abs(slope / squared - 1) < 2e-2);
}

TEST_CASE("a backward pass over a row leaves the row whose beginning it shares as it was") {
    for_each_model<reference>([](const auto& model, const golden::tensors&, const auto& tokens) {
        serial executor;
        no_tap none;
        const std::vector<batch_token> row(tokens.begin(), tokens.begin() + 8);
        const auto next_of_row_0 = [&](bool shares) {
            const state_size size{2, 16, 16, 16};
            decoder_state state(model.config(), size);
            backward_state memory(model.config(), size);
            model.decoder().forward(state, std::span(row).first(6), executor, none);
            if (shares)
                state.share_row(0, 1, 6, 6);
            else
                state.copy_row(0, 1, 6);
            std::vector<batch_token> others(row.begin(), row.begin() + 6);
            for (batch_token& token : others) token.row = 1, token.token = row[7].token;
            no_tap nothing;
            backward(model.decoder(), state, memory, others, log_prob_seed{others}, nothing, executor, none);
            const matrix_view logits = model.decoder().forward(state, std::span(row).subspan(6, 1), executor, none);
            return std::vector<float>(logits.data(), logits.data() + logits.rows() * logits.columns());
        };
        CHECK(next_of_row_0(true) == next_of_row_0(false));
    });
}

/// Says no to weights, and counts those that it is told all the same.
struct indifferent_tap {
    std::size_t told = 0;
    [[nodiscard]] bool wants_weights() const { return false; }
    void operator()(const parameter_name&, const_matrix_view, const_matrix_view) { ++told; }
    void operator()(sites::residual, const tap_place&, const_matrix_view, matrix_view) {}
};

TEST_CASE("a tap that wants no gradients of weights is told none") {
    for_each_model<reference>([](const auto& model, const golden::tensors&, const auto& tokens) {
        indifferent_tap tap;
        run_backward(model, tokens, log_prob_seed{tokens}, tap);
        CHECK(tap.told == 0);
        any_gradient_tap held(tap);
        CHECK_FALSE(held.wants_weights());
    });
}

TEST_CASE("of a tied head the gradient can be asked for by its own name") {
    std::size_t tied = 0;
    for_each_model<reference>([&](const auto& model, const golden::tensors&, const auto& tokens) {
        if (!model.config().tied_head) return;
        ++tied;
        const parameter_name head{-1, parameter_role::head};
        weight_gradients gradients(reference{}, model.decoder(), std::span(&head, 1));
        run_backward(model, tokens, log_prob_seed{tokens}, gradients);
        const const_matrix_view of_head = gradients.of(head);
        CHECK((of_head.rows() == model.config().vocabulary && of_head.columns() == model.config().hidden));
        double size = 0;
        for (std::size_t i = 0; i < of_head.rows(); ++i)
            for (const float g : of_head[i]) size += std::abs(g);
        CHECK(size > 0);
    });
    CHECK(tied > 0);
}
