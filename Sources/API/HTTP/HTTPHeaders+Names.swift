// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOHTTP1

extension HTTPHeaders {
    /// The value of a field; those of several lines are joined (RFC 9110 section 5.3).
    subscript(name: HTTPField.Name) -> String? {
        let values = self[values: name]
        return values.count > 1 ? values.joined(separator: ", ") : values.first
    }

    /// The values of all lines of a field.
    subscript(values name: HTTPField.Name) -> [String] {
        self[name.canonicalName]
    }
}
