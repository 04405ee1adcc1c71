// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOHTTP1

/// One request as it came.
package final class Request: Sendable {
    package let method: HTTPRequest.Method
    /// The address as the client wrote it: path and query.
    package let target: String
    /// The path, with whatever is percent-encoded in it left as it is.
    package let path: String
    /// What stands behind the question mark, encoded; nil without one.
    package let query: Substring?
    package let headers: HTTPHeaders
    package let body: RequestBody
    /// Who sent it; nil when the connection was gone before anyone asked.
    package let peer: Peer?
    /// What becomes known of it.
    let record = RequestRecord()

    /// - Parameters:
    ///   - head: The first line and the header.
    ///   - body: What follows the header.
    ///   - peer: The other end of the connection.
    package init(_ head: HTTPRequestHead, body: RequestBody = .empty, peer: Peer?) {
        self.method = HTTPRequest.Method(head.method)
        self.target = head.uri
        (path, query) = Self.split(head.uri)
        self.headers = head.headers
        self.body = body
        self.peer = peer
    }

    /// Also for the absolute form that clients send to proxies (RFC 9112 section 3.2.2).
    private static func split(_ target: String) -> (path: String, query: Substring?) {
        let text = target.utf8
        guard let slash = text.first, slash != UInt8(ascii: "/") else { return split(origin: target[...]) }
        guard
            let colon = text.firstIndex(of: UInt8(ascii: ":")), text[colon...].starts(with: "://".utf8),
            let start = text[text.index(colon, offsetBy: 3)...].firstIndex(where: { $0 == 0x2F || $0 == 0x3F })
        else { return (target, nil) }
        let (path, query) = split(origin: target[start...])
        return (path.isEmpty ? "/" : path, query)
    }

    private static func split(origin: Substring) -> (path: String, query: Substring?) {
        let text = origin.utf8
        guard let mark = text.firstIndex(of: UInt8(ascii: "?")) else { return (String(origin), nil) }
        let query = origin[text.index(after: mark)...]
        return (String(origin[..<mark]), query.utf8.firstIndex(of: UInt8(ascii: "#")).map { query[..<$0] } ?? query)
    }
}

extension HTTPRequest.Method {
    fileprivate init(_ method: HTTPMethod) {
        switch method {
        case .GET: self = .get
        case .HEAD: self = .head
        case .POST: self = .post
        case .PUT: self = .put
        case .PATCH: self = .patch
        case .DELETE: self = .delete
        case .OPTIONS: self = .options
        case .TRACE: self = .trace
        default: self = Self(method.rawValue) ?? .trace
        }
    }
}
