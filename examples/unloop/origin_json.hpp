// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What every JSON document of the tool begins with: how it came to be, so that it can be made again.
#ifndef UNLOOP_EXAMPLES_ORIGIN_JSON_HPP
#define UNLOOP_EXAMPLES_ORIGIN_JSON_HPP

#include <boost/json/object.hpp>  // documents
#include <unloop/backend/dispatched.hpp>
#include <unloop/io/open.hpp>
#include <unloop/report/record_json.hpp>

#include "commands.hpp"

namespace tool {

/// {"unloop": version, "target": instruction set, "arguments": [...]}.
[[nodiscard]] inline boost::json::object origin(const context& shared) {
    boost::json::array arguments;
    for (const std::string& argument : shared.arguments) arguments.push_back(unloop::json_text(argument));
    return {{"unloop", UNLOOP_VERSION}, {"target", unloop::dispatched::target()}, {"arguments", arguments}};
}

/// The same, and "model": path, bytes and the name that the file gives itself.
[[nodiscard]] inline boost::json::object origin(const context& shared, const unloop::any_checkpoint& file) {
    boost::json::object made = origin(shared);
    made["model"] = {{"path", unloop::json_text(file.path())},
                     {"bytes", weight_bytes(file)},
                     {"name", unloop::json_text(name_of(file))}};
    return made;
}

}  // namespace tool

#endif
