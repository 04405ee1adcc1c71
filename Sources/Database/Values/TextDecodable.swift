// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// A type whose values PostgreSQL writes as text.
package protocol TextDecodable: RowDecodable {
    /// The value that `text`, PostgreSQL's text output, stands for; nil when it stands for none.
    static func decode(text: Span<UInt8>) -> Self?
}

extension TextDecodable {
    /// Refuses NULL.
    package static func decode(_ column: Int, of row: Row) throws(DatabaseError) -> Self {
        guard let place = try row.place(of: column) else {
            throw DatabaseError(.decoding, detail: "column \(column) is NULL, not \(Self.self)")
        }
        guard let value = decode(text: row.columns.bytes.span.extracting(place)) else {
            throw DatabaseError(.decoding, detail: "column \(column) holds no \(Self.self)")
        }
        return value
    }
}
