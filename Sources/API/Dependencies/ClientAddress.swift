// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import HTTPTypes
import NIOHTTP1

/// Finds out from which address a request comes.
struct ClientAddress: Sendable {
    private let proxies: TrustedProxies

    init(_ proxies: TrustedProxies) {
        self.proxies = proxies
    }

    /// The client's address; nil when the request came by a socket file and nobody who is trusted says more.
    ///
    /// No header is looked at unless the peer is a trusted proxy.
    func find(_ headers: HTTPHeaders, peer: Peer?) -> IPAddress? {
        // A connection that is gone has no peer any more: that makes nobody a trusted one.
        guard let peer, proxies.contains(peer.address) else { return peer?.address }
        return proxies.client(of: peer.address, forwardedFor: headers[values: .xForwardedFor])
    }
}
