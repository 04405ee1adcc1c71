// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// The three parts of a JWS in compact form (RFC 7515 section 7.1), decoded and not yet verified.
struct CompactJWS {
    let header: [String: JSONValue]
    let payload: [UInt8]
    let signature: [UInt8]
    /// What the signature covers.
    let signingInput: [UInt8]

    /// Splits and decodes `token`.
    ///
    /// - Throws: ``TokenError`` with ``TokenError/Code/tooLarge`` before anything is decoded, and
    ///   ``TokenError/Code/malformed`` for anything but three parts of base64url whose first is a JSON object.
    init(_ token: String, maximumSize: Int) throws(TokenError) {
        guard token.utf8.count <= maximumSize else { throw TokenError(.tooLarge, "more than \(maximumSize) bytes") }
        let bytes = Array(token.utf8)
        guard
            let headerEnd = bytes.firstIndex(of: UInt8(ascii: ".")),
            let payloadEnd = bytes[(headerEnd + 1)...].firstIndex(of: UInt8(ascii: ".")),
            // Refuses a further dot as well, which five-part JWE tokens have: it is not base64url.
            let signature = Base64URL.decode(bytes[(payloadEnd + 1)...]),
            let payload = Base64URL.decode(bytes[(headerEnd + 1)..<payloadEnd]),
            let encodedHeader = Base64URL.decode(bytes[..<headerEnd])
        else { throw TokenError(.malformed, "not a compact JWS") }
        guard let header = (try? JSONValue(parsing: encodedHeader))?.object else {
            throw TokenError(.malformed, "the header is not a JSON object")
        }
        // RFC 7515 section 4.1.11: no extension is understood here, so whatever is critical is refused.
        guard header["crit"] == nil else { throw TokenError(.malformed, "critical extensions are not supported") }
        self.header = header
        self.payload = payload
        self.signature = signature
        self.signingInput = Array(bytes[..<payloadEnd])
    }
}
