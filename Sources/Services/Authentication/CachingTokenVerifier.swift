// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models
import Synchronization

/// Checks access tokens, the signature of each only once: most requests come with a token that was there a moment ago.
///
/// Tokens are kept by their SHA-256, and only those that were verified: nobody without one of our tokens can fill or
/// empty it. What time can change is checked again at each use: that the token is not over, and that its key is still
/// one of ours.
package final class CachingTokenVerifier: Sendable {
    /// Tokens that are kept.
    package static let capacity = 4096

    private let signingKeys: SigningKeyService
    private let issuer: String
    private let clock: any WallClock
    private let known = Mutex(RecentlyUsed<DigestKey, VerifiedToken>(capacity: CachingTokenVerifier.capacity))

    /// - Parameters:
    ///   - signingKeys: The keys of access tokens.
    ///   - issuer: Issuer and audience that tokens must name.
    ///   - clock: The time of day.
    package init(signingKeys: SigningKeyService, issuer: PublicURL, clock: any WallClock) {
        self.signingKeys = signingKeys
        self.issuer = issuer.text
        self.clock = clock
    }

    /// Tokens that are kept now.
    package var count: Int { known.withLock { $0.count } }

    /// What `text` says, if it is one of our tokens and in time.
    ///
    /// - Throws: ``ErrorCode/unauthenticated`` for anything else; ``ErrorCode/unavailable`` while the keys are not loaded.
    package func verify(_ text: String) throws(DomainError) -> VerifiedToken {
        let keys = try signingKeys.current()
        do {
            let hash = DigestKey(try SHA256.digest(Array(text.utf8)))
            if let token = known.withLock({ $0.value(for: hash) }), keys.publicKey(token.kid) != nil {
                try AccessTokenClaims.requireLiving(until: token.expiresAt, at: clock.now())
                return token
            }
            let verifier = AccessTokenVerifier(keys: keys, issuer: issuer, audience: issuer)
            let (claims, kid) = try verifier.verifyNamingKey(text, now: clock.now())
            guard let token = VerifiedToken(claims, kid: kid) else { throw DomainError(.unauthenticated, Self.invalid) }
            known.withLock { $0.insert(token, for: hash) }
            return token
        } catch let error as TokenError {
            let detail = error.code == .expired ? "The access token has expired." : Self.invalid
            throw DomainError(.unauthenticated, detail, cause: error)
        } catch {
            throw DomainError(wrapping: error)
        }
    }

    private static let invalid = "The access token is not valid."
}
