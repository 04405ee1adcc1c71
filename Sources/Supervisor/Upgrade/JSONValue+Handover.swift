// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

extension JSONValue {
    /// The number of a file descriptor; nil for anything else.
    var descriptor: Int32? {
        integer.flatMap { Int32(exactly: $0) }.flatMap { $0 >= 0 ? $0 : nil }
    }

    /// A whole number, or null for nil.
    static func integerOrNull(_ value: (some BinaryInteger)?) -> JSONValue {
        value.map { .integer(Int64($0)) } ?? .null
    }
}
