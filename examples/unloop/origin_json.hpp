// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0
// What every JSON document of the tool begins with: how it came to be, so that it can be made again.
#ifndef UNLOOP_EXAMPLES_ORIGIN_JSON_HPP
#define UNLOOP_EXAMPLES_ORIGIN_JSON_HPP

#include <boost/json/object.hpp>  // documents
#include <unloop/backend/dispatched.hpp>
#include <unloop/evaluate/probe_suite.hpp>
#include <unloop/io/open.hpp>
#include <unloop/io/sha256.hpp>
#include <unloop/io/strict_json.hpp>
#include <unloop/report/record_json.hpp>

#include <span>         // bytes of text
#include <string>       // hashes
#include <type_traits>  // is_same

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

[[nodiscard]] inline std::string json_hash(const boost::json::value& value) {
    const std::string text = unloop::json_line(value);
    return unloop::sha256_hex(std::as_bytes(std::span(text)));
}

/// Of a file, or of the files of a checkpoint's folder, one after the other.
[[nodiscard]] inline std::string content_hash(const unloop::any_checkpoint& checkpoint) {
    unloop::sha256 hash;
    checkpoint.visit([&](const auto& held) {
        if constexpr (std::is_same_v<decltype(held), const unloop::gguf::checkpoint&>)
            hash.update(held.mapping().bytes());
        else
            for (const unloop::tensor_file& file : held.files()) hash.update(file.mapping().bytes());
    });
    return hash.finish();
}

[[nodiscard]] inline std::string prompts_hash(const unloop::probe_suite& suite) {
    boost::json::array prompts;
    for (const unloop::probe& asked : suite.probes) prompts.push_back(unloop::json_text(asked.prompt));
    return json_hash(prompts);
}

/// What numbers about answers depend on besides the options: instruction set, model, to the last byte (a copy in which
/// one weight was edited has the same name and size), and prompts. A journal that was made under others is refused.
[[nodiscard]] inline boost::json::object conditions(const unloop::any_checkpoint& file,
                                                    const unloop::probe_suite& suite) {
    return {{"target", unloop::dispatched::target()},
            {"prompts", suite.probes.size()},
            {"prompts_sha256", prompts_hash(suite)},
            {"model", {{"name", unloop::json_text(name_of(file))}, {"sha256", content_hash(file)}}}};
}

}  // namespace tool

#endif
