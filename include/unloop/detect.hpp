// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// Umbrella of the room `detect`: loop detectors over tokens and over text.
#ifndef UNLOOP_DETECT_HPP
#define UNLOOP_DETECT_HPP

#include <unloop/detect/collapse_rule.hpp>
#include <unloop/detect/evidence.hpp>
#include <unloop/detect/find_loop.hpp>
#include <unloop/detect/item_form.hpp>
#include <unloop/detect/list_collapse.hpp>
#include <unloop/detect/list_items.hpp>
#include <unloop/detect/list_marker.hpp>
#include <unloop/detect/loop_detector.hpp>
#include <unloop/detect/periodic_loop.hpp>
#include <unloop/detect/text_characters.hpp>

#endif
