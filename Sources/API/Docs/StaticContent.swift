// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import Synchronization

/// A document that is the same for every caller: made or read when it is first asked for, then kept.
final class StaticContent: Sendable {
    private let contentType: ContentType
    private let headers: HTTPFields
    private let load: @Sendable () throws(DomainError) -> [UInt8]
    private let kept = Mutex<(bytes: [UInt8], version: String)?>(nil)

    /// - Parameters:
    ///   - contentType: The media type.
    ///   - headers: Further header fields.
    ///   - load: Makes or reads the document; asked again only when it has thrown.
    init(
        _ contentType: ContentType,
        headers: HTTPFields = [:],
        load: @escaping @Sendable () throws(DomainError) -> [UInt8]
    ) {
        self.contentType = contentType
        self.headers = headers
        self.load = load
    }

    /// The document, or 304 for a caller who has it (RFC 9110 section 13.1.2).
    func reply(to call: Call) throws(DomainError) -> Reply {
        let (bytes, version) = try content()
        var headers = headers
        headers[.eTag] = version
        // Kept by browsers, and asked for again each time: an update must not meet an old part of itself.
        headers[.cacheControl] = "public, no-cache"
        guard !Self.holds(version, call.header(.ifNoneMatch)) else {
            return Reply(status: .notModified, headers: headers)
        }
        return Reply(status: .ok, contentType: contentType, headers: headers, body: bytes)
    }

    private func content() throws(DomainError) -> (bytes: [UInt8], version: String) {
        try kept.withLock { kept throws(DomainError) in
            if let kept { return kept }
            let bytes = try load()
            let content = (bytes: bytes, version: try ETag(hashing: bytes).text)
            kept = content
            return content
        }
    }

    /// By the weak comparison: what a proxy has compressed it marks as weak.
    private static func holds(_ version: String, _ header: String?) -> Bool {
        guard let header else { return false }
        return header.split(separator: ",").contains { tag in
            let tag = tag.drop { $0 == " " }.prefix { $0 != " " }
            return tag == "*" || tag == version || tag == "W/\(version)"
        }
    }
}
