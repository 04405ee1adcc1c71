// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models

/// Answers who is calling.
package struct AuthenticationService: Sendable {
    private let signingKeys: SigningKeyService
    private let users: any UserRepository
    private let apiKeys: any APIKeyRepository
    private let keyFormat: APIKeyFormat
    private let keyHasher: APIKeyHasher
    private let usage: APIKeyUsageRecorder
    private let issuer: PublicURL
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
        self.signingKeys = signingKeys
        self.users = users
        self.apiKeys = apiKeys
        self.keyFormat = keyFormat
        self.keyHasher = keyHasher
        self.usage = usage
        self.issuer = issuer
        self.clock = clock
    }

    /// Who shows the access token `token`.
    ///
    /// No look-up: what it says counts until it expires. Only what does not fit a token is looked up.
    ///
    /// - Throws: ``ErrorCode/unauthenticated`` for a token that is not ours, not intact or not in time;
    ///   ``ErrorCode/unavailable`` while the keys are not loaded, or the database does not answer when it is needed.
    package func principal(accessToken token: String) async throws(DomainError) -> Principal {
        let verifier = AccessTokenVerifier(keys: try signingKeys.current(), issuer: issuer.text, audience: issuer.text)
        let claims: AccessTokenClaims
        do {
            claims = try verifier.verify(token, now: clock.now())
        } catch {
            let detail = error.code == .expired ? "The access token has expired." : "The access token is not valid."
            throw DomainError(.unauthenticated, detail, cause: error)
        }
        guard let userID = Identifier<User>(claims.subject), let session = Identifier<Session>(claims.sessionID) else {
            throw DomainError(.unauthenticated, "The access token is not valid.")
        }
        return Principal(
            userID: userID,
            credential: .accessToken(session: session),
            grants: claims.areGrantsOmitted
                ? try await grants(of: userID) : Grants(roles: claims.roles, permissions: claims.permissions)
        )
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
        let hash: [UInt8]
        do {
            hash = try keyHasher.hash(secret)
        } catch {
            throw DomainError(wrapping: error)
        }
        let now = clock.now()
        guard let check = try await apiKeys.check(secretHash: hash), check.isUsable(at: now) else {
            throw Self.invalidKey
        }
        usage.record(check.id, at: now)
        return Principal(userID: check.ownerID, credential: .apiKey(check.id), grants: check.effectiveGrants)
    }

    private static let invalidKey = DomainError(.unauthenticated, "The API key is not valid.")
}
