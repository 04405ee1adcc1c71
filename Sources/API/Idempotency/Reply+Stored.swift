// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes

/// An answer as it is kept: a line of JSON with status and header fields, and then the body as it is, so that what comes
/// back is the same byte for byte.
extension Reply {
    private static let lineFeed = UInt8(ascii: "\n")

    /// What is kept.
    var stored: [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("status", Int64(status.code))
            json.member("content_type", contentType?.rawValue)
            json.name("headers")
            json.object { json in
                for field in headers { json.member(field.name.rawName, field.value) }
            }
        }
        return json.bytes + [Self.lineFeed] + body
    }

    /// Reads what ``stored`` gave.
    ///
    /// - Throws: ``ErrorCode/internal`` for anything else.
    init(stored bytes: [UInt8]) throws(DomainError) {
        guard
            let end = bytes.firstIndex(of: Self.lineFeed),
            let head = try? JSONValue(parsing: bytes[..<end]),
            let code = head["status"]?.integer.flatMap({ Int(exactly: $0) }), (200..<300).contains(code),
            let fields = head["headers"]?.object
        else {
            throw DomainError(.internal, "Something went wrong.")
        }
        var headers = HTTPFields()
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            if let name = HTTPField.Name(name), let value = value.string { headers[name] = value }
        }
        self.init(
            status: HTTPResponse.Status(code: code),
            contentType: head["content_type"]?.string.flatMap(ContentType.init(rawValue:)),
            headers: headers,
            body: Array(bytes[bytes.index(after: end)...])
        )
    }
}
