// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models

/// One-time links that sign a user in without a provider: how the first administrator gets in.
package struct SignInLinkService: Sendable {
    /// How long a link can be used.
    package static let lifetime = Duration.seconds(3600)

    private let sessions: any SessionRepository
    private let sessionService: SessionService?
    private let hasher: OpaqueTokenHasher
    private let publicURL: PublicURL
    private let clock: any WallClock

    /// - Parameters:
    ///   - sessions: Where links live.
    ///   - sessionService: Opens the session; nil where links are only made.
    ///   - hasher: Hashes links, with the key for ``DerivedKey/Purpose/signInLinkHashing``.
    ///   - publicURL: What links are built from.
    ///   - clock: The time of day.
    package init(
        sessions: any SessionRepository,
        sessionService: SessionService?,
        hasher: OpaqueTokenHasher,
        publicURL: PublicURL,
        clock: any WallClock
    ) {
        self.sessions = sessions
        self.sessionService = sessionService
        self.hasher = hasher
        self.publicURL = publicURL
        self.clock = clock
    }

    /// A new link for `user`.
    package func create(for user: Identifier<User>) async throws(DomainError) -> Redacted<String> {
        let token: OpaqueToken
        let hash: [UInt8]
        do {
            token = try OpaqueToken.generate()
            hash = try hasher.hash(token)
        } catch {
            throw DomainError(wrapping: error)
        }
        try await sessions.createSignInLink(hash: hash, user: user, expiresAt: clock.now() + Self.lifetime)
        return Redacted("\(publicURL)/api/v1/auth/link?token=\(token.text.exposed)")
    }

    /// Uses the link with `token` up and opens a session.
    ///
    /// - Throws: ``ErrorCode/unauthenticated`` when there is no such link, or it is expired or used.
    package func signIn(
        token: String,
        userAgent: String?,
        address: IPAddress?
    ) async throws(DomainError) -> TokenPair {
        guard let sessionService else { throw DomainError(.internal, "Links cannot be used here.") }
        guard let token = OpaqueToken.parse(token) else { throw Self.invalidLink }
        let hashes: [[UInt8]]
        do {
            hashes = try hasher.hashes(token)
        } catch {
            throw DomainError(wrapping: error)
        }
        for hash in hashes {
            guard let user = try await sessions.consumeSignInLink(hash: hash, at: clock.now()) else { continue }
            return try await sessionService.open(for: user, method: "link", userAgent: userAgent, address: address)
        }
        throw Self.invalidLink
    }

    private static let invalidLink = DomainError(
        .unauthenticated,
        "The link is not valid, was used before, or has expired."
    )
}
