// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

extension Timestamp {
    /// As people read it: RFC 3339 without fractions of a second.
    var forPeople: String {
        "\(rfc3339.prefix(19))Z"
    }
}

extension Sequence<String> {
    /// In alphabetical order, separated by commas.
    var forPeople: String {
        sorted().joined(separator: ", ")
    }
}

extension Bool {
    var forPeople: String {
        self ? "yes" : "no"
    }
}
