// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models

/// Answers who is calling.
package struct AuthenticationService: Sendable {
    private let tokens: CachingTokenVerifier
    private let revocations: RevocationList
    private let grants: GrantsLookup
    private let apiKeys: APIKeyLookup
    private let keyFormat: APIKeyFormat
    private let clock: any WallClock

    /// - Parameters:
    ///   - signingKeys: The keys of access tokens.
    ///   - revocations: What became of tokens that are out, and of API keys.
    ///   - users: Where users and their grants live, for tokens that do not say what they hold now.
    ///   - apiKeys: Where API keys live.
    ///   - keyFormat: The form of API keys.
    ///   - keyHasher: Hashes API keys.
    ///   - usage: Is told of each use of a key.
    ///   - issuer: Issuer and audience that access tokens must name.
    ///   - clock: The time of day.
    package init(
        signingKeys: SigningKeyService,
        revocations: RevocationList,
        users: any UserRepository,
        apiKeys: any APIKeyRepository,
        keyFormat: APIKeyFormat,
        keyHasher: APIKeyHasher,
        usage: APIKeyUsageRecorder,
        issuer: PublicURL,
        clock: any WallClock
    ) {
        self.tokens = CachingTokenVerifier(signingKeys: signingKeys, issuer: issuer, clock: clock)
        self.revocations = revocations
        self.grants = GrantsLookup(users: users, revocations: revocations, clock: clock)
        self.apiKeys = APIKeyLookup(
            apiKeys: apiKeys,
            hasher: keyHasher,
            revocations: revocations,
            usage: usage
        )
        self.keyFormat = keyFormat
        self.clock = clock
    }

    /// Who shows the access token `token`.
    ///
    /// No look-up, unless the token does not say what its user holds, or that has changed since.
    ///
    /// - Throws: ``ErrorCode/unauthenticated`` for a token that is not ours, not intact, not in time or revoked, and
    ///   when the look-up finds nobody who is active; ``ErrorCode/unavailable`` while keys and revocations are not
    ///   loaded, or the database does not answer when it is needed.
    package func principal(accessToken text: String) async throws(DomainError) -> Principal {
        let token = try tokens.verify(text)
        let standing = try revocations.standing(
            session: token.session,
            user: token.userID,
            issuedAt: token.issuedAt
        )
        guard standing != .ended else { throw DomainError(.unauthenticated, "The session of this token has ended.") }
        let grants: Grants
        if standing == .good, let said = token.grants {
            grants = said
        } else if let held = try await self.grants.grants(of: token.userID, after: token.issuedAt) {
            grants = held
        } else {
            throw DomainError(.unauthenticated, "This user is not active any more.")
        }
        return Principal(userID: token.userID, credential: .accessToken(session: token.session), grants: grants)
    }

    /// Who shows the API key `text`, and what the key may do now.
    ///
    /// A text that is no key of ours, by its form and checksum, never reaches the database, and a key that was good a
    /// moment ago does not wait for it.
    ///
    /// - Throws: ``ErrorCode/unauthenticated``, with the same sentence whatever is wrong with the key;
    ///   ``ErrorCode/unavailable`` when the database does not answer.
    package func principal(apiKey text: String) async throws(DomainError) -> Principal {
        guard
            let secret = keyFormat.parse(text),
            let principal = try await apiKeys.principal(of: secret, at: clock.now())
        else { throw DomainError(.unauthenticated, "The API key is not valid.") }
        return principal
    }
}
