// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// A type that a column can be read as.
package protocol RowDecodable: Sendable {
    /// The value that `text`, PostgreSQL's text output, stands for; nil when it stands for none.
    static func decode(text: ArraySlice<UInt8>) -> Self?

    /// What NULL is read as; nil when the type has no such value.
    static var null: Self? { get }
}

extension RowDecodable {
    package static var null: Self? { nil }
}

extension Optional: RowDecodable where Wrapped: RowDecodable {
    package static func decode(text: ArraySlice<UInt8>) -> Wrapped?? {
        Wrapped.decode(text: text).map { .some($0) }
    }

    package static var null: Wrapped?? { .some(nil) }
}
