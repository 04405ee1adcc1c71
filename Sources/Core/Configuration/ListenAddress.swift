// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Where a server listens: `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080` or `unix:/run/postern.sock`.
package enum ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// A TCP port of a host: an IPv4 address, an IPv6 address (without brackets) or a name. Port 0 takes any free one.
    case tcp(host: String, port: UInt16)
    /// A socket file, by its absolute path.
    case unix(path: String)

    /// The longest path of a socket file, in bytes: `sun_path` less its final zero (unix(7)).
    package static let maximumPathLength = 107

    /// Nil when the text is no address; a missing host or port is not filled in, so that nothing is opened by accident.
    package init?(_ text: String) {
        let schemeOfPaths = "unix:"
        if text.hasPrefix(schemeOfPaths) {
            let path = text.dropFirst(schemeOfPaths.count)
            let isUsable = path.hasPrefix("/") && !path.hasSuffix("/") && !path.utf8.contains(0)
            guard isUsable, path.utf8.count <= Self.maximumPathLength else { return nil }
            self = .unix(path: String(path))
            return
        }
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        let host = text[..<colon]
        guard digits.utf8.allSatisfy(Self.isDigit), let port = UInt16(digits) else { return nil }
        if host.hasPrefix("["), host.hasSuffix("]") {
            let address = String(host.dropFirst().dropLast())
            guard Self.isIPv6(address) else { return nil }
            self = .tcp(host: address, port: port)
        } else {
            guard Self.isHostName(host) else { return nil }
            self = .tcp(host: String(host), port: port)
        }
    }

    /// The text that ``init(_:)`` reads.
    package var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }

    /// Whether only programs on this host can connect: 127.0.0.0/8 (RFC 1122, 3.2.1.3), `::1`, `localhost`, a socket file.
    package var isLoopback: Bool {
        switch self {
        case .unix: true
        case .tcp(let host, _): host.lowercased() == "localhost" || Self.isLoopbackAddress(host)
        }
    }

    private static func isLoopbackAddress(_ host: String) -> Bool {
        var ipv4 = in_addr()
        if inet_pton(AF_INET, host, &ipv4) == 1 { return UInt32(bigEndian: ipv4.s_addr) >> 24 == 127 }
        var ipv6 = in6_addr()
        guard inet_pton(AF_INET6, host, &ipv6) == 1 else { return false }
        return withUnsafeBytes(of: ipv6) { $0.dropLast().allSatisfy { $0 == 0 } && $0.last == 1 }
    }

    private static func isIPv6(_ text: String) -> Bool {
        var address = in6_addr()
        return inet_pton(AF_INET6, text, &address) == 1
    }

    /// Letters, digits, `-` and `_` between dots: an IPv4 address has that form too, and whether it exists is the
    /// resolver's answer.
    private static func isHostName(_ text: Substring) -> Bool {
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return text.utf8.count <= 253
            && labels.allSatisfy { label in
                !label.isEmpty && label.count <= 63
                    && label.allSatisfy { isDigit($0) || (0x61...0x7A).contains($0 | 0x20) || $0 == 0x2D || $0 == 0x5F }
            }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte)
    }
}
