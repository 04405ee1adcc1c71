// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// What of the requests to an endpoint is counted by client address.
package enum EndpointLimit: Hashable, Sendable {
    /// Nothing: whoever asks must get an answer however much it asks.
    case none
    /// Every request, together with those to all other endpoints.
    case ordinary
    /// Every request also by itself: it begins or ends a sign-in.
    case attempts
    /// Also what is refused, by itself: whoever shows something that is not good may be guessing.
    case failures
}
