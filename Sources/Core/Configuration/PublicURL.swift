// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The address under which the world reaches the service: `https://id.example.com`, perhaps with a path below which a
/// proxy puts it.
///
/// Links, redirects and the `iss` claim are built from it and never from a request's `Host`, which whoever sends the
/// request chooses.
package struct PublicURL: Hashable, Sendable, CustomStringConvertible {
    /// Without a slash at its end.
    package let text: String
    package let isSecure: Bool

    /// - Throws: ``ConfigurationError`` unless it is an https URL, or an http URL of a loopback host, with nothing but
    ///   host, port and path.
    package init(_ text: String) throws(ConfigurationError) {
        let invalid = ConfigurationError(
            SettingKey.publicURL,
            "must be a URL of scheme https with a host, and no query, fragment, user name or slash at its end"
        )
        let rest: Substring
        if text.hasPrefix("https://") {
            (rest, isSecure) = (text.dropFirst("https://".count), true)
        } else if text.hasPrefix("http://") {
            (rest, isSecure) = (text.dropFirst("http://".count), false)
        } else {
            throw invalid
        }
        let isPlain = rest.utf8.allSatisfy { byte in
            switch byte {
            case 97...122, 65...90, 48...57: true
            case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "/"),
                UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
                true
            default: false
            }
        }
        let authority = rest.prefix { $0 != "/" }
        let isHost = ListenAddress("\(authority):443") != nil || ListenAddress(String(authority)) != nil
        guard isPlain, isHost, !rest.hasSuffix("/") else { throw invalid }
        guard isSecure || Self.isLoopback(authority) else {
            throw ConfigurationError(
                SettingKey.publicURL,
                "must be of scheme https unless its host is a loopback address"
            )
        }
        self.text = text
    }

    package var description: String { text }

    /// The path part, without a slash at its end: usually empty.
    package var path: String {
        guard let authority = text.range(ofScheme: "://") else { return "" }
        let rest = text[authority...]
        return String(rest[(rest.firstIndex(of: "/") ?? rest.endIndex)...])
    }

    private static func isLoopback(_ authority: Substring) -> Bool {
        let host = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
        return host == "localhost" || host == "[::1]" || ListenAddress("\(host):1")?.isLoopback == true
    }
}

extension String {
    /// The index behind the first `separator`.
    fileprivate func range(ofScheme separator: String) -> Index? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(separator) { return index(start, offsetBy: separator.count) }
            start = index(after: start)
        }
        return nil
    }
}
