// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Nothing assumes the library's own storage: a model whose weights live in tensors of Eigen, of xtensor and of the
// standard library, side by side, has the logits of transformers, and a vector of the user's is an input and an output.
#include <unloop/tensor/eigen.hpp>
#include <unloop/tensor/xtensor.hpp>

#include <catch2/catch_test_macros.hpp>
#include <unloop/backend/dispatched.hpp>
#include <unloop/backend/eigen.hpp>
#include <unloop/io/gguf.hpp>
#include <unloop/io/gguf_model.hpp>
#include <unloop/model/decoder_state.hpp>
#include <unloop/model/llama.hpp>
#include <unloop/parallel/serial.hpp>

#include <deque>
#include <variant>
#include <vector>

#include "support/golden.hpp"

using namespace unloop;

namespace {

using row_major = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// The tensors of an engine that has nothing to do with this library; a column-major matrix holds the transpose.
struct foreign_tensors {
    std::deque<row_major> rows;
    std::deque<Eigen::MatrixXf> columns;
    std::deque<xt::xtensor<float, 2>> grids;
    std::deque<std::vector<float>> flat;
    std::deque<Eigen::VectorXf> eigen_vectors;
    std::deque<xt::xtensor<float, 1>> xtensor_vectors;
    std::size_t count = 0;

    matrix_view matrix(std::size_t r, std::size_t c) {
        const auto wide = static_cast<Eigen::Index>(c), tall = static_cast<Eigen::Index>(r);
        switch (count++ % 4) {
            case 0:
                return as_view(rows.emplace_back(tall, wide));
            case 1:
                return as_view(columns.emplace_back(wide, tall).transpose());
            case 2:
                return as_view(grids.emplace_back(xt::xtensor<float, 2>::from_shape({r, c})));
            default:
                return {flat.emplace_back(r * c).data(), r, c};
        }
    }
    view<float, 1> vector(std::size_t n) {
        switch (count++ % 3) {
            case 0:
                return as_view(eigen_vectors.emplace_back(static_cast<Eigen::Index>(n)));
            case 1:
                return as_view(xtensor_vectors.emplace_back(xt::xtensor<float, 1>::from_shape({n})));
            default:
                return as_view(flat.emplace_back(n));
        }
    }
};

/// Gives a decoder its parameters, which are decoded from a file into tensors of the engine.
struct binds_foreign {
    const gguf::checkpoint& file;
    foreign_tensors& tensors;

    // [bind]
    void operator()(parameter_name name, parameter_shape shape, matrix_parameter& slot) const {
        const matrix_view matrix = tensors.matrix(shape.rows, shape.columns);
        const weight_view stored = weights(name);
        for (std::size_t r = 0; r < shape.rows; ++r) decode_row(stored, r, matrix[r]);
        slot = as_weights(matrix);
    }
    void operator()(parameter_name name, parameter_shape shape, vector_parameter& slot) const {
        const view<float, 1> vector = tensors.vector(shape.columns);
        decode_row(weights(name), 0, vector);
        slot = vector;
    }
    // [/bind]
    [[nodiscard]] weight_view weights(parameter_name name) const {
        const tensor_part part = locate(file, name);
        return slice(file.weights(*file.find(part.tensor)), part);
    }
};

}  // namespace

TEST_CASE("a model over weights in tensors of other libraries has the logits of transformers", "[parity]") {
    const auto file = gguf::open(golden::path("gguf/llama.bf16.gguf"));
    const golden::tensors expected("models/llama/expected.safetensors");
    const auto ids = expected.integers("tokens");
    const std::size_t rows = expected.shape("tokens")[0], length = expected.shape("tokens")[1];

    foreign_tensors tensors;
    llama<dispatched> decoder(read_config(file), dispatched{});
    decoder.for_each_parameter(binds_foreign{file, tensors});
    decoder.tie_head();
    CHECK(tensors.rows.size() + tensors.columns.size() + tensors.grids.size() > 10);

    std::vector<batch_token> pass;
    for (std::size_t i = 0; i < ids.size(); ++i)
        pass.push_back({ids[i], static_cast<std::int32_t>(i / length), static_cast<std::int32_t>(i % length), true});
    decoder_state state(decoder.config(), {rows, length, pass.size(), pass.size()});
    serial executor;
    no_tap none;
    const matrix_view logits = decoder.forward(state, pass, executor, none);
    const std::span<const float> seen(logits.data(), logits.rows() * logits.columns());
    CHECK(golden::difference(seen, expected.floats("logits")) < 1e-4);

    // What is changed in the engine's tensor is changed in the model: nothing was copied.
    const std::vector<float> before(seen.begin(), seen.end());
    for (xt::xtensor<float, 2>& grid : tensors.grids) grid *= 1.5F;
    decoder_state again(decoder.config(), {rows, length, pass.size(), pass.size()});
    const matrix_view changed = decoder.forward(again, pass, executor, none);
    CHECK(golden::difference(std::span(changed.data(), before.size()), before) > 1e-2);
}

TEST_CASE("kernels read and write the vectors and matrices of other libraries where they lie") {
    // [use]
    row_major weights(3, 4);
    weights << 1, 2, 3, 4, 0, 1, 0, 1, -1, 0, 1, 0;
    Eigen::MatrixXf tokens(4, 2);  // a token a column: row-major when turned
    tokens << 1, 2, 1, 0, 1, 0, 1, 1;
    auto out = xt::xtensor<float, 2>::from_shape({2, 3});
    kernels::matmul(eigen_backend{}, as_weights(as_view(weights)), as_view(tokens.transpose()), as_view(out));
    // [/use]
    CHECK(out == xt::xtensor<float, 2>{{10, 2, 0}, {6, 1, -2}});

    Eigen::VectorXf x = tokens.col(0), y(3);
    kernels::matvec(reference{}, as_weights(as_view(weights)), as_view(x), as_view(y));
    CHECK(y == Eigen::Vector3f(10, 2, 0));
    CHECK(kernels::dot(dispatched{}, as_view(x), as_view(tokens.col(1))) == 3);
}
