// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CCurl
import Core

/// An absolute URL that we may call.
///
/// libcurl's own parser reads it, so that what was checked is what is called.
package struct OutboundURL: Hashable, Sendable, CustomStringConvertible {
    /// The schemes that a URL of ours can have.
    package enum Scheme: String, Sendable {
        case http
        case https
    }

    /// The URL as it was given.
    package let text: String
    package let scheme: Scheme
    /// The host in lower case; numeric addresses in their normal form, IPv6 in brackets.
    package let host: String
    package let port: String
    package let hasQuery: Bool

    /// Reads `text`, and refuses what no endpoint needs: user names, fragments and anything but visible ASCII.
    ///
    /// - Throws: ``OutboundError`` with the code `invalidURL`, or `forbiddenScheme` when `policy` forbids the scheme.
    package init(_ text: String, policy: OutboundPolicy = .configuredEndpoint) throws(OutboundError) {
        guard text.utf8.count <= 2048, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x5C }) else {
            throw OutboundError(.invalidURL)
        }
        let parts = curl_url()
        defer { curl_url_cleanup(parts) }
        switch curl_url_set(parts, CURLUPART_URL, text, 0) {
        case CURLUE_OK: break
        case CURLUE_UNSUPPORTED_SCHEME: throw OutboundError(.forbiddenScheme)
        default: throw OutboundError(.invalidURL)
        }
        func part(_ part: CURLUPart) -> String? {
            var value: UnsafeMutablePointer<CChar>?
            defer { curl_free(value) }
            guard curl_url_get(parts, part, &value, UInt32(CURLU_DEFAULT_PORT)) == CURLUE_OK, let value else {
                return nil
            }
            return String(cString: value)
        }
        guard let scheme = part(CURLUPART_SCHEME).flatMap(Scheme.init) else { throw OutboundError(.forbiddenScheme) }
        // libcurl also takes one slash and three for two; a browser may take them for something else.
        guard
            text.lowercased().hasPrefix("\(scheme)://"),
            !text.utf8.dropFirst(scheme.rawValue.utf8.count + 3).starts(with: "/".utf8),
            let host = part(CURLUPART_HOST)?.lowercased(), let port = part(CURLUPART_PORT),
            part(CURLUPART_USER) == nil, part(CURLUPART_PASSWORD) == nil, part(CURLUPART_ZONEID) == nil,
            !text.utf8.contains(UInt8(ascii: "#"))
        else { throw OutboundError(.invalidURL) }
        guard policy.allows(scheme, isLoopback: Self.isLoopback(host)) else {
            throw OutboundError(.forbiddenScheme, origin: "\(scheme)://\(host):\(port)")
        }
        self.text = text
        self.scheme = scheme
        self.host = host
        self.port = port
        self.hasQuery = text.utf8.contains(UInt8(ascii: "?"))
    }

    /// Scheme, host and port: all of a URL that a log should show.
    package var origin: String { "\(scheme)://\(host):\(port)" }

    package var description: String { origin }

    /// The URL with `fields` added to its query.
    package func appending(query fields: [FormURLEncoded.Field]) -> String {
        text + (hasQuery ? "&" : "?") + FormURLEncoded.encode(fields)
    }

    /// libcurl has brought numeric addresses to their normal form, and itself resolves `localhost` to this host.
    private static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "[::1]" { return true }
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4 && octets[0] == "127" && octets.allSatisfy { UInt8($0) != nil }
    }
}
