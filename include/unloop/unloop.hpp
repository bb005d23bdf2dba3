// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// The library's front door: every room, on the standard library alone. Backends, JSON and foreign tensor types are
// included by name.
#ifndef UNLOOP_UNLOOP_HPP
#define UNLOOP_UNLOOP_HPP

#include <unloop/attribute.hpp>
#include <unloop/blocks.hpp>
#include <unloop/core.hpp>
#include <unloop/detect.hpp>
#include <unloop/edit.hpp>
#include <unloop/evaluate.hpp>
#include <unloop/generate.hpp>
#include <unloop/io.hpp>
#include <unloop/kernels.hpp>
#include <unloop/model.hpp>
#include <unloop/parallel.hpp>
#include <unloop/report.hpp>
#include <unloop/search.hpp>
#include <unloop/tensor.hpp>

#endif
