// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import API
import HTTPTypes
import NIOCore

extension ByteBuffer {
    /// Room for what ``write(_:omitsBody:isLast:)`` adds to header and body.
    static let framingSize = 128

    /// Writes a whole answer, framed for its connection (RFC 9112).
    ///
    /// - Parameters:
    ///   - response: The answer.
    ///   - omitsBody: Whether the request was HEAD, whose answer has the length of a body but no body.
    ///   - isLast: Whether the connection ends with this answer.
    mutating func write(_ response: Response, omitsBody: Bool, isLast: Bool) {
        let status = response.status
        if status == .ok {
            writeStaticString("HTTP/1.1 200 OK\r\n")
        } else {
            writeString("HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n")
        }
        writeBytes(response.header.bytes)
        // Neither of the two has a body, so neither has a length (RFC 9110 section 8.6).
        let hasLength = status != .noContent && status != .notModified
        if hasLength { writeString("Content-Length: \(response.body.count)\r\n") }
        if isLast { writeStaticString("Connection: close\r\n") }
        writeStaticString("\r\n")
        if hasLength && !omitsBody { writeBytes(response.body) }
    }
}
