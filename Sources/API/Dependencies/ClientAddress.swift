// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Finds out from which address a request comes.
struct ClientAddress: Sendable {
    private let proxies: TrustedProxies

    init(_ proxies: TrustedProxies) {
        self.proxies = proxies
    }

    /// The client's address; nil when the request came by a socket file and nobody who is trusted says more.
    ///
    /// No header is looked at unless the peer is a trusted proxy.
    func find(_ headers: HTTPFields, peer: SocketAddress?) -> IPAddress? {
        let address = peer.flatMap(Self.address)
        // A connection that is gone has no peer any more: that makes nobody a trusted one.
        guard peer != nil, proxies.contains(address) else { return address }
        return proxies.client(of: address, forwardedFor: headers[values: .xForwardedFor])
    }

    private static func address(of peer: SocketAddress) -> IPAddress? {
        // By their places in the structures (ip(7), ipv6(7)): who declares the members for Swift depends on the build.
        switch peer {
        case .v4(let peer): withUnsafeBytes(of: peer.address) { IPAddress(networkBytes: $0[4..<8]) }
        case .v6(let peer): withUnsafeBytes(of: peer.address) { IPAddress(networkBytes: $0[8..<24]) }
        case .unixDomainSocket: nil
        }
    }
}
