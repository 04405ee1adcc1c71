// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// What is over and nobody asks for any more.
extension SessionService {
    /// How long a session that is over is kept: until none of its access tokens can be alive, and two hours more.
    ///
    /// Deleting an earlier one would be a revocation of its own (docs/REVOCATION.md).
    static let retention = TokenConfiguration.maximumAccessTokenTTL + .seconds(7200)

    /// Removes used login states, sign-in links and refresh tokens that have expired, and sessions that are long over.
    ///
    /// A refresh token that was used stays until it would have expired: so long, whoever shows it again ends the session.
    package func removeExpired() async throws(DomainError) {
        let now = clock.now()
        try await sessions.removeExpired(before: now)
        // Until nothing is left, and not until few are: others may have taken the rest of a batch.
        while try await sessions.removeRefreshTokens(expiredBefore: now) > 0, !Task.isCancelled {}
        while try await sessions.removeSessions(overBefore: now - Self.retention) > 0, !Task.isCancelled {}
    }
}
