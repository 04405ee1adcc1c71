// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models

/// Signing in with an identity provider: the authorization code flow with PKCE, from the redirect to the provider to the
/// token pair (RFC 6749 section 4.1, RFC 7636, OpenID Connect Core section 3.1).
package struct SignInService: Sendable {
    /// Where to send the browser, and what it must keep until it comes back.
    package struct Start: Sendable {
        package let location: String
        package let cookie: LoginCookie
    }

    /// The identity providers that are on, in the order in which people see them.
    package let providers: [any IdentityProvider]

    private let identities: IdentityService
    private let sessions: any SessionRepository
    private let sessionService: SessionService
    private let encryption: AuthenticatedEncryption
    private let publicURL: PublicURL
    private let clock: any WallClock

    /// - Parameters:
    ///   - providers: The identity providers that are on.
    ///   - identities: Finds the user of an identity.
    ///   - sessions: Where used states live.
    ///   - sessionService: Opens the session.
    ///   - encryption: Seals the cookie, with the key for ``DerivedKey/Purpose/loginState``.
    ///   - publicURL: What redirect addresses are built from.
    ///   - clock: The time of day.
    package init(
        providers: [any IdentityProvider],
        identities: IdentityService,
        sessions: any SessionRepository,
        sessionService: SessionService,
        encryption: AuthenticatedEncryption,
        publicURL: PublicURL,
        clock: any WallClock
    ) {
        self.providers = providers
        self.identities = identities
        self.sessions = sessions
        self.sessionService = sessionService
        self.encryption = encryption
        self.publicURL = publicURL
        self.clock = clock
    }

    /// Where signing in with `provider` begins.
    package func loginURL(of provider: any IdentityProvider) -> String {
        "\(publicURL)/api/v1/auth/\(provider.name)/login"
    }

    /// Begins a sign-in with the provider named `name`.
    ///
    /// - Throws: ``ErrorCode/notFound`` for an unknown provider, ``ErrorCode/upstream`` when it does not answer.
    package func begin(with name: String) async throws(DomainError) -> Start {
        let provider = try provider(named: name)
        let login: LoginState
        let challenge: String
        let sealed: String
        do {
            let pkce = try PKCE.generate()
            challenge = pkce.challenge
            login = LoginState(
                provider: name,
                state: try OpaqueToken.generate().text.exposed,
                nonce: try OpaqueToken.generate().text.exposed,
                codeVerifier: pkce.verifier,
                expiresAt: clock.now() + LoginState.lifetime
            )
            sealed = try login.sealed(with: encryption)
        } catch {
            throw DomainError(wrapping: error)
        }
        let location = try await provider.authorizationURL(
            for: AuthorizationRequest(
                state: login.state,
                nonce: login.nonce,
                codeChallenge: challenge,
                redirectURI: redirectURI(of: name)
            )
        )
        return Start(
            location: location,
            cookie: LoginCookie(state: login.state, value: sealed, isSecure: publicURL.isSecure)
        )
    }

    /// Finishes the sign-in that `callback` belongs to: checks the state, swaps the code, finds or makes the user, and
    /// opens a session.
    ///
    /// - Throws: ``ErrorCode/invalidState`` for a state that is missing, not this browser's, too old or used before;
    ///   ``ErrorCode/unauthenticated`` and ``ErrorCode/malformed`` for what the provider sent;
    ///   ``ErrorCode/accountLinkRequired`` when the e-mail address belongs to another user; ``ErrorCode/forbidden`` when the
    ///   provider refused, tells no e-mail address, or the user is not active.
    package func complete(_ callback: SignInCallback) async throws(DomainError) -> TokenPair {
        let provider = try provider(named: callback.provider)
        let login = try loginState(of: callback)
        try await use(login)
        guard callback.error == nil else {
            throw DomainError(.forbidden, "The provider did not sign the person in.")
        }
        guard let code = callback.code else {
            throw DomainError(.malformed, "The callback has no code.")
        }
        let identity = try await provider.identity(
            for: AuthorizationCallback(
                code: Redacted(code),
                codeVerifier: login.codeVerifier,
                nonce: login.nonce,
                redirectURI: redirectURI(of: callback.provider),
                issuer: callback.issuer
            )
        )
        let user = try await identities.user(for: identity)
        return try await sessionService.open(for: user, method: provider.name, userAgent: callback.userAgent)
    }

    /// The name of the cookie that a callback with `state` needs.
    package func cookieName(forState state: String) -> String {
        LoginCookie.name(state: state, isSecure: publicURL.isSecure)
    }

    /// Whether cookies must be marked for https alone.
    package var isSecure: Bool { publicURL.isSecure }

    private func provider(named name: String) throws(DomainError) -> any IdentityProvider {
        guard let provider = providers.first(where: { $0.name == name }) else {
            throw DomainError(.notFound, "There is no such identity provider.")
        }
        return provider
    }

    private func redirectURI(of provider: String) -> String {
        "\(publicURL)/api/v1/auth/\(provider)/callback"
    }

    private func loginState(of callback: SignInCallback) throws(DomainError) -> LoginState {
        guard
            let state = callback.state, !state.isEmpty,
            let cookie = callback.cookie,
            let login = LoginState(opening: cookie, with: encryption),
            ConstantTime.equal(login.state, state),
            login.provider == callback.provider,
            clock.now() < login.expiresAt
        else { throw Self.invalidState }
        return login
    }

    /// Uses the state up before the code is swapped: of two requests with one state only one gets further.
    private func use(_ login: LoginState) async throws(DomainError) {
        let hash: [UInt8]
        do {
            hash = try SHA256.digest(Array(login.state.utf8))
        } catch {
            throw DomainError(wrapping: error)
        }
        guard try await sessions.consumeLoginState(hash: hash, expiresAt: login.expiresAt) else {
            throw Self.invalidState
        }
    }

    private static let invalidState = DomainError(
        .invalidState,
        "The sign-in was not begun in this browser, was completed before, or took too long."
    )
}
