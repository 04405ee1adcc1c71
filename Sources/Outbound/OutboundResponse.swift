// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// A complete answer of another service.
package struct OutboundResponse: Sendable {
    /// The status code, 200...599.
    package let status: Int
    /// The headers by lower-cased name; the values of a repeated one are joined by `, ` (RFC 9110 section 5.3).
    package let headers: [String: String]
    package let body: [UInt8]

    package init(status: Int, headers: [String: String], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The media type of the body in lower case, without its parameters; empty when the answer names none.
    package var mediaType: String {
        let type = headers["content-type"]?.prefix { $0 != ";" } ?? ""
        return type.lowercased().filter { $0 != " " && $0 != "\t" }
    }
}
