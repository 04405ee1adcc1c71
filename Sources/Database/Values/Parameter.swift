// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

import struct FoundationEssentials.UUID

/// A value that travels beside a statement, never inside its text.
///
/// PostgreSQL takes its type from the statement; where
/// the statement does not tell, write a cast there (`$1::uuid[]`).
package enum Parameter: Hashable, Sendable {
    case null
    /// Text without NUL characters, which PostgreSQL cannot hold.
    case text(String)
    /// A `bytea`.
    case bytes([UInt8])
    case integer(Int64)
    case bool(Bool)
    case uuid(UUID)
    /// A `timestamptz`.
    case timestamp(Timestamp)
    /// A `text[]`.
    case textArray([String])
    /// A `uuid[]`.
    case uuidArray([UUID])
    /// A `timestamptz[]`.
    case timestampArray([Timestamp])
}

extension Parameter {
    /// `text`, or `null` for nil.
    package static func text(_ text: String?) -> Parameter {
        text.map { .text($0) } ?? .null
    }

    /// A `bytea`, or `null` for nil.
    package static func bytes(_ bytes: [UInt8]?) -> Parameter {
        bytes.map { .bytes($0) } ?? .null
    }

    /// An integer, or `null` for nil.
    package static func integer(_ integer: Int64?) -> Parameter {
        integer.map { .integer($0) } ?? .null
    }

    /// A Boolean, or `null` for nil.
    package static func bool(_ bool: Bool?) -> Parameter {
        bool.map { .bool($0) } ?? .null
    }

    /// A `uuid`, or `null` for nil.
    package static func uuid(_ uuid: UUID?) -> Parameter {
        uuid.map { .uuid($0) } ?? .null
    }

    /// A `timestamptz`, or `null` for nil.
    package static func timestamp(_ timestamp: Timestamp?) -> Parameter {
        timestamp.map { .timestamp($0) } ?? .null
    }
}
