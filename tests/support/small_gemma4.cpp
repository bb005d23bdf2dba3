// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

#include "support/small_gemma4.hpp"

#include <unloop/model/gemma4.hpp>

#include <utility>  // move

namespace golden {

template <class Backend>
small_gemma4<Backend>::small_gemma4(std::size_t window, Backend backend)
    : decoder_(unloop::gemma4<Backend>(small_gemma4_config(window), std::move(backend))) {
    decoder_.for_each_parameter(weights_);
    decoder_.tie_head();
}

template class small_gemma4<unloop::reference>;
template class small_gemma4<unloop::dispatched>;

}  // namespace golden
