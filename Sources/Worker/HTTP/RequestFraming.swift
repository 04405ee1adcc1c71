// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import NIOHTTP1

/// What the header of a request says about its body and its connection.
///
/// NIO's parser lets some things pass that RFC 9112 forbids and two readers may read differently. They are refused here.
struct RequestFraming {
    private(set) var isChunked = false
    /// Whether the client waits for a word before it sends the body (RFC 9110 section 10.1.1).
    private(set) var expectsContinue = false
    /// Whether no request follows on this connection.
    private(set) var isLast: Bool

    /// Whether a body follows that is not empty.
    var hasBody: Bool { isChunked || contentLength != nil && contentLength != "0" }

    private var contentLength: String?
    private var host: String?

    /// - Throws: ``ErrorCode/uriTooLong``, ``ErrorCode/headersTooLarge``, ``ErrorCode/malformed``,
    ///   ``ErrorCode/notImplemented``, ``ErrorCode/expectationFailed``, ``ErrorCode/payloadTooLarge``.
    init(_ head: HTTPRequestHead) throws(DomainError) {
        guard head.uri.utf8.count <= RequestLimits.target else { throw .uriTooLong }
        guard head.version == .http1_1 || head.version == .http1_0 else {
            throw DomainError(.malformed, "This version of HTTP is not spoken here.")
        }
        guard Self.isKnown(head.method) else {
            throw DomainError(.notImplemented, "This method is not known here.")
        }
        let isHTTP10 = head.version == .http1_0
        isLast = isHTTP10 || !head.isKeepAlive
        var size = 0
        for (name, value) in head.headers {
            size += name.utf8.count + value.utf8.count + 4
            try read(name, value, isHTTP10: isHTTP10)
        }
        guard size <= RequestLimits.header else { throw .headersTooLarge }
        guard host != nil || isHTTP10 else { throw DomainError(.malformed, "The Host header is missing.") }
        guard contentLength == nil || !isChunked else {
            throw DomainError(.malformed, "Content-Length and Transfer-Encoding exclude each other.")
        }
        if contentLength == nil && !isChunked { expectsContinue = false }
    }

    /// Looks at the few fields that are about the transport; the length tells most others apart.
    private mutating func read(_ name: String, _ value: String, isHTTP10: Bool) throws(DomainError) {
        switch name.utf8.count {
        case 4 where Self.isEqual(name, "host"):
            guard host == nil, Self.isHost(value) else {
                throw DomainError(.malformed, "There must be one Host header, with a host and perhaps a port.")
            }
            host = value
        case 6 where Self.isEqual(name, "expect"):
            guard !isHTTP10 else { break }
            guard Self.isEqual(value, "100-continue") else {
                throw DomainError(.expectationFailed, "Nothing but 100-continue can be expected.")
            }
            expectsContinue = true
        case 7 where Self.isEqual(name, "upgrade"):
            // NIO's parser stops after such a request, whatever the answer is.
            isLast = true
        case 14 where Self.isEqual(name, "content-length"):
            try readContentLength(value)
        case 17 where Self.isEqual(name, "transfer-encoding"):
            // HTTP/1.0 knows none: a proxy of its time would take the body for the next request.
            guard !isHTTP10, !isChunked, Self.isEqual(value, "chunked") else {
                throw DomainError(.malformed, "The only Transfer-Encoding is chunked, of HTTP/1.1, and once.")
            }
            isChunked = true
        default: break
        }
    }

    private mutating func readContentLength(_ value: String) throws(DomainError) {
        let isNumber = !value.isEmpty && value.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard contentLength == nil, isNumber, value == "0" || value.utf8.first != UInt8(ascii: "0") else {
            throw DomainError(.malformed, "There must be one Content-Length, in plain digits.")
        }
        // A number that is too large for an integer is too large for a body.
        guard let length = Int(value), length <= RequestLimits.body else { throw .bodyTooLarge }
        contentLength = value
    }

    /// The methods of RFC 9110 and RFC 5789, without CONNECT: this is no proxy; and QUERY, which OpenAPI knows.
    ///
    /// Which of them an address takes is for the router to say.
    private static func isKnown(_ method: HTTPMethod) -> Bool {
        switch method {
        case .GET, .HEAD, .POST, .PUT, .PATCH, .DELETE, .OPTIONS, .TRACE, .RAW("QUERY"): true
        default: false
        }
    }

    /// Whether it can be a host and perhaps a port (RFC 3986 section 3.2.2): no user, no path, no list.
    private static func isHost(_ value: String) -> Bool {
        !value.isEmpty && value.utf8.first != UInt8(ascii: ":")
            && value.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ":"),
                    UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "%"):
                    true
                default: false
                }
            }
    }

    private static func isEqual(_ text: String, _ lowercased: String) -> Bool {
        text.utf8.elementsEqual(lowercased.utf8) { byte, wanted in
            byte == wanted || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) && byte | 0x20 == wanted
        }
    }
}
