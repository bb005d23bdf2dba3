// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// Probe suites that come with the tool.
#include "suites.hpp"

#include <unloop/io/file_descriptor.hpp>

#include <cstdlib>     // getenv
#include <filesystem>  // exists
#include <set>         // topics that were taken

namespace tool {

std::string probes_folder(const std::string& model) {
    const char* const chosen = std::getenv("UNLOOP_PROBES");
    if (chosen != nullptr && *chosen != '\0') return chosen;
    const std::string own = model + "/probes";
    return unloop::is_folder(own) ? own : UNLOOP_PROBES_FOLDER;
}

unloop::probe_suite open_suite(const std::string& name, const std::string& model) {
    const bool is_path = name.find('/') != std::string::npos || name.find('.') != std::string::npos;
    return unloop::read_probe_suite(is_path ? name : probes_folder(model) + "/" + name + ".json");
}

unloop::probe_suite open_select_suite(const std::string& name, const std::string& model) {
    unloop::probe_suite suite = open_suite(name, model);
    if (suite.role != unloop::data_role::select && !name.ends_with(".txt"))
        throw unloop::error({name, {}, {}}, "this suite has the role " + std::string(name_of(suite.role)) +
                                                "; plans are chosen on one of the role select, or on a .txt");
    return suite;
}

std::string act_one_suite_name(const std::string& role, const std::string& model) {
    const std::string known = "known_" + role;
    return std::filesystem::exists(probes_folder(model) + "/" + known + ".json") ? known : "easy_" + role;
}

unloop::probe_suite take(const unloop::probe_suite& suite, std::size_t count) {
    std::vector<std::string> topics, forms;
    const auto place = [](std::vector<std::string>& known, const std::string& name) {
        const auto found = std::find(known.begin(), known.end(), name);
        if (found == known.end()) known.push_back(name);
        return static_cast<std::size_t>(found - known.begin());
    };
    for (const unloop::probe& one : suite.probes) place(topics, one.topic), place(forms, one.form);
    unloop::probe_suite part{suite.name, suite.role, {}, suite.lists};
    for (std::size_t round = 0; round < forms.size(); ++round)
        for (const unloop::probe& one : suite.probes) {
            const bool its_turn = (place(topics, one.topic) + round) % forms.size() == place(forms, one.form);
            if (its_turn && part.probes.size() < count) part.probes.push_back(one);
        }
    return part;
}

}  // namespace tool
