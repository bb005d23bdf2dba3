// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// The program of a user's project: reaches the library through its build target alone.
#include <unloop/core.hpp>
#include <unloop/detect/periodic_loop.hpp>
#ifdef USE_EIGEN
#include <unloop/backend/eigen.hpp>
#include <unloop/tensor/eigen.hpp>
#endif
#ifdef USE_XTENSOR
#include <unloop/backend/xtensor.hpp>
#include <unloop/tensor/xtensor.hpp>
#endif
#ifdef USE_KERNELS
#include <unloop/backend/dispatched.hpp>
#endif

int main() {
    unloop::periodic_loop detector;
    bool found = false;
    for (int step = 0; step < 1000; ++step) found = detector.observe(step % 3).has_value() || found;
#ifdef USE_EIGEN
    const Eigen::VectorXf ones = Eigen::VectorXf::Ones(3);
    if (unloop::kernels::dot(unloop::eigen_backend{}, unloop::as_view(ones), unloop::as_view(ones)) != 3) return 3;
#endif
#ifdef USE_XTENSOR
    const xt::xtensor<float, 1> twos{2, 2};
    if (unloop::kernels::dot(unloop::xtensor_backend{}, unloop::as_view(twos), unloop::as_view(twos)) != 8) return 4;
#endif
#ifdef USE_KERNELS
    if (&unloop::backend::dispatched_table() == nullptr) return 2;
#endif
    return found ? 0 : 1;
}
