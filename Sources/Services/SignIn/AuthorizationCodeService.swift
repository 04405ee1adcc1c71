// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Logging
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
    private let transactions: any Transactions
    private let hasher: OpaqueTokenHasher
    private let clock: any WallClock
    private let logger: Logger

    /// - Parameters:
    ///   - codes: Where codes live.
    ///   - sessions: Opens the session.
    ///   - transactions: Makes one step of using a code and opening its session.
    ///   - hasher: Hashes codes, with the key for ``DerivedKey/Purpose/authorizationCodeHashing``.
    ///   - clock: The time of day.
    ///   - logger: Gets a line for each code that was shown twice.
    package init(
        codes: any AuthorizationCodeRepository,
        sessions: SessionService,
        transactions: any Transactions,
        hasher: OpaqueTokenHasher,
        clock: any WallClock,
        logger: Logger
    ) {
        self.codes = codes
        self.sessions = sessions
        self.transactions = transactions
        self.hasher = hasher
        self.clock = clock
        self.logger = logger
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

    /// Swaps a code, as an app sent it, for a token pair; when the rest is wrong, the code is used up, too.
    ///
    /// Shown again while it lives, it ends the session that it opened, because one of the two who have it is a thief (RFC
    /// 6749 section 4.1.2). There is no grace: an app that sends it twice at once has to sign its user in again.
    ///
    /// - Parameters:
    ///   - code: The code.
    ///   - codeVerifier: What the challenge of the sign-in was made from.
    ///   - redirectURI: Where the app got the code; nil when it does not say.
    ///   - userAgent: What the caller says it is.
    ///   - address: Where the caller is.
    /// - Returns: The first pair of a new session.
    /// - Throws: ``ErrorCode/unauthenticated`` when the code is none of ours, used, expired, or for somebody else;
    ///   ``ErrorCode/forbidden`` when the user is gone or not active.
    package func redeem(
        _ code: String,
        codeVerifier: String,
        redirectURI: String?,
        userAgent: String?,
        address: IPAddress?
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
        // Whoever comes second waits for this transaction, and then finds the session that it has to end. A refusal is no
        // error in here: that would undo it.
        let outcome = try await transactions.run { () async throws(DomainError) -> Outcome in
            let now = clock.now()
            let session = Identifier<Session>.make(at: now)
            var found: AuthorizationCode?
            for hash in hashes where found == nil {
                found = try await codes.consume(hash: hash, for: session, at: now)
            }
            guard let code = found else { return try await endSession(ofCode: hashes, at: now) }
            guard
                Self.isVerifier(codeVerifier), ConstantTime.equal(challenge, code.codeChallenge),
                redirectURI?.utf8.elementsEqual(code.redirectURI.utf8) ?? true
            else { return .refused }
            return .opened(
                try await sessions.open(
                    session,
                    for: code.userID,
                    method: code.method,
                    userAgent: userAgent,
                    address: address
                )
            )
        }
        switch outcome {
        case .opened(let pair): return pair
        case .reused(let session, let user):
            logger.warning(
                "authorization code reused, session ended",
                metadata: ["session_id": "\(session)", "user_id": "\(user)"]
            )
            throw Self.invalidCode
        case .refused: throw Self.invalidCode
        }
    }

    private enum Outcome {
        case opened(TokenPair)
        case reused(Identifier<Session>, Identifier<User>)
        case refused
    }

    private func endSession(ofCode hashes: [[UInt8]], at now: Timestamp) async throws(DomainError) -> Outcome {
        for hash in hashes {
            if let session = try await codes.endSession(ofCode: hash, at: now) {
                let details: [String: JSONValue] = [
                    "user_id": .string(session.userID.description), "reason": "authorization_code_reused",
                ]
                try await sessions.audit.record(.sessionEnded, of: .session(session.id), by: .system, at: now, details)
                return .reused(session.id, session.userID)
            }
        }
        return .refused
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
