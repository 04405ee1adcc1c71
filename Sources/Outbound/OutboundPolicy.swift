// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Who named an address that we are to call, and so where it may lead.
package enum OutboundPolicy: Sendable {
    /// The operator of this service, or a provider that the operator configured. Private addresses are normal there, and
    /// http is for a provider on this very host.
    case configuredEndpoint

    func allows(_ scheme: OutboundURL.Scheme, isLoopback: Bool) -> Bool {
        switch self {
        case .configuredEndpoint: scheme == .https || isLoopback
        }
    }
}
