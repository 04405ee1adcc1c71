// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models

/// One-time codes: what a sign-in returns to an app with, and the app swaps for a token pair.
///
/// A token never stands in an address, where a history or a log would keep it; and whoever reads the code there lacks the
/// verifier, which only the app that began the sign-in has (RFC 7636).
package struct AuthorizationCodeService: Sendable {
    /// How long a code can be used.
    package static let lifetime = Duration.seconds(60)

    private let codes: any AuthorizationCodeRepository
    private let sessions: SessionService
    private let hasher: OpaqueTokenHasher
    private let clock: any WallClock

    /// - Parameters:
    ///   - codes: Where codes live.
    ///   - sessions: Opens the session.
    ///   - hasher: Hashes codes, with the key for ``DerivedKey/Purpose/authorizationCodeHashing``.
    ///   - clock: The time of day.
    package init(
        codes: any AuthorizationCodeRepository,
        sessions: SessionService,
        hasher: OpaqueTokenHasher,
        clock: any WallClock
    ) {
        self.codes = codes
        self.sessions = sessions
        self.hasher = hasher
        self.clock = clock
    }

    /// A new code for the user `userID`, who signed in by `method`.
    ///
    /// - Throws: ``ErrorCode/forbidden`` when the user is gone or not active.
    func issue(
        for userID: Identifier<User>,
        method: String,
        to app: AppReturn
    ) async throws(DomainError) -> Redacted<String> {
        let token: OpaqueToken
        let hash: [UInt8]
        do {
            token = try OpaqueToken.generate()
            hash = try hasher.hash(token)
        } catch {
            throw DomainError(wrapping: error)
        }
        let now = clock.now()
        let code = AuthorizationCode(
            userID: userID,
            method: method,
            redirectURI: app.redirectURI,
            codeChallenge: app.codeChallenge,
            expiresAt: now + Self.lifetime
        )
        guard try await codes.create(code, hash: hash, at: now) else {
            throw DomainError(.forbidden, "This user may not sign in.")
        }
        return token.text
    }

    /// Swaps a code, as an app sent it, for a token pair; whatever is wrong with the rest, the code is used up.
    ///
    /// - Parameters:
    ///   - code: The code.
    ///   - codeVerifier: What the challenge of the sign-in was made from.
    ///   - redirectURI: Where the app got the code; nil when it does not say.
    ///   - userAgent: What the caller says it is.
    /// - Returns: The first pair of a new session.
    /// - Throws: ``ErrorCode/unauthenticated`` when the code is none of ours, used, expired, or for somebody else;
    ///   ``ErrorCode/forbidden`` when the user is gone or not active.
    package func redeem(
        _ code: String,
        codeVerifier: String,
        redirectURI: String?,
        userAgent: String?
    ) async throws(DomainError) -> TokenPair {
        guard let token = OpaqueToken.parse(code) else { throw Self.invalidCode }
        let hashes: [[UInt8]]
        let challenge: String
        do {
            hashes = try hasher.hashes(token)
            challenge = try PKCE(verifier: codeVerifier).challenge
        } catch {
            throw DomainError(wrapping: error)
        }
        var found: AuthorizationCode?
        for hash in hashes where found == nil { found = try await codes.consume(hash: hash, at: clock.now()) }
        guard
            let code = found,
            Self.isVerifier(codeVerifier), ConstantTime.equal(challenge, code.codeChallenge),
            redirectURI?.utf8.elementsEqual(code.redirectURI.utf8) ?? true
        else { throw Self.invalidCode }
        return try await sessions.open(for: code.userID, method: code.method, userAgent: userAgent)
    }

    /// RFC 7636 section 4.1.
    private static func isVerifier(_ text: String) -> Bool {
        (43...128).contains(text.utf8.count) && FormURLEncoded.encode(text).utf8.elementsEqual(text.utf8)
    }

    private static let invalidCode = DomainError(
        .unauthenticated,
        "The code is not valid, was used before, has expired, or belongs to another sign-in."
    )
}
