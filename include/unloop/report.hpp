// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Umbrella of the room `report`: what people see.
#ifndef UNLOOP_REPORT_HPP
#define UNLOOP_REPORT_HPP

#include <unloop/report/display_width.hpp>
#include <unloop/report/number_text.hpp>
#include <unloop/report/printable.hpp>
#include <unloop/report/progress_bar.hpp>
#include <unloop/report/table.hpp>

#endif
