// Copyright 2026 The unloop authors
// SPDX-License-Identifier: Apache-2.0

// A config.json of the golden collection with values changed.
#ifndef UNLOOP_TESTS_IO_CONFIG_DOCUMENT_HPP
#define UNLOOP_TESTS_IO_CONFIG_DOCUMENT_HPP

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <unloop/io/hugging_face_config_json.hpp>

#include <string>

#include "io/scratch_folder.hpp"
#include "support/fault_of.hpp"

namespace test {

class config_document {
  public:
    /// `model` is a folder's name under golden/models.
    explicit config_document(const std::string& model) {
        const byte_vector text = read_file(golden("models/" + model + "/config.json"));
        root_ = boost::json::parse({reinterpret_cast<const char*>(text.data()), text.size()});
    }
    /// The object that holds the text model's values.
    [[nodiscard]] boost::json::object& text() {
        auto* const nested = root_.as_object().if_contains("text_config");
        return nested == nullptr ? root_.as_object() : nested->as_object();
    }
    [[nodiscard]] boost::json::object& top() { return root_.as_object(); }

    /// With text value `key` set to `value`; `read().layers` and so on.
    config_document& set(const std::string& key, boost::json::value value) {
        text()[key] = std::move(value);
        return *this;
    }
    config_document& drop(const std::string& key) {
        text().erase(key);
        return *this;
    }
    [[nodiscard]] unloop::decoder_config read(std::size_t most_layers = 100) const {
        return unloop::hugging_face::parse_config(boost::json::serialize(root_), "config.json", most_layers);
    }
    /// What reading it says, or "none".
    [[nodiscard]] std::string fault() const {
        return fault_of([&] { (void)read(); });
    }

  private:
    boost::json::value root_;
};

}  // namespace test

#endif
