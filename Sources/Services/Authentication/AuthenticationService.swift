// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models

/// Answers who is calling.
package struct AuthenticationService: Sendable {
    private let tokens: CachingTokenVerifier
    private let users: any UserRepository
    private let apiKeys: APIKeyLookup
    private let keyFormat: APIKeyFormat
    private let usage: APIKeyUsageRecorder
    private let clock: any WallClock

    /// - Parameters:
    ///   - signingKeys: The keys of access tokens.
    ///   - users: Where users and their grants live, for tokens that leave the grants out.
    ///   - apiKeys: Where API keys live.
    ///   - keyFormat: The form of API keys.
    ///   - keyHasher: Hashes API keys.
    ///   - usage: Is told of each use of a key.
    ///   - issuer: Issuer and audience that access tokens must name.
    ///   - clock: The time of day.
    package init(
        signingKeys: SigningKeyService,
        users: any UserRepository,
        apiKeys: any APIKeyRepository,
        keyFormat: APIKeyFormat,
        keyHasher: APIKeyHasher,
        usage: APIKeyUsageRecorder,
        issuer: PublicURL,
        clock: any WallClock
    ) {
        self.tokens = CachingTokenVerifier(signingKeys: signingKeys, issuer: issuer, clock: clock)
        self.users = users
        self.apiKeys = APIKeyLookup(apiKeys: apiKeys, hasher: keyHasher, usage: usage)
        self.keyFormat = keyFormat
        self.usage = usage
        self.clock = clock
    }

    /// Who shows the access token `token`.
    ///
    /// No look-up: what it says counts until it expires. Only what does not fit a token is looked up.
    ///
    /// - Throws: ``ErrorCode/unauthenticated`` for a token that is not ours, not intact or not in time;
    ///   ``ErrorCode/unavailable`` while the keys are not loaded, or the database does not answer when it is needed.
    package func principal(accessToken token: String) async throws(DomainError) -> Principal {
        let token = try tokens.verify(token)
        let grants: Grants
        if let said = token.grants { grants = said } else { grants = try await self.grants(of: token.userID) }
        return Principal(userID: token.userID, credential: .accessToken(session: token.session), grants: grants)
    }

    private func grants(of user: Identifier<User>) async throws(DomainError) -> Grants {
        guard let profile = try await users.profile(of: user), profile.user.isActive else {
            throw DomainError(.unauthenticated, "This user is not active any more.")
        }
        return profile.grants
    }

    /// Who shows the API key `text`, and what the key may do now.
    ///
    /// A text that is no key of ours, by its form and checksum, never reaches the database.
    ///
    /// - Throws: ``ErrorCode/unauthenticated``, with the same sentence whatever is wrong with the key;
    ///   ``ErrorCode/unavailable`` when the database does not answer.
    package func principal(apiKey text: String) async throws(DomainError) -> Principal {
        guard let secret = keyFormat.parse(text) else { throw Self.invalidKey }
        let now = clock.now()
        guard let check = try await apiKeys.check(secret), check.isUsable(at: now) else {
            throw Self.invalidKey
        }
        usage.record(check.id, at: now)
        return Principal(userID: check.ownerID, credential: .apiKey(check.id), grants: check.effectiveGrants)
    }

    private static let invalidKey = DomainError(.unauthenticated, "The API key is not valid.")
}
