// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Logging
import Models

/// Signing in with an identity provider: the authorization code flow with PKCE, from the redirect to the provider to the
/// token pair (RFC 6749 section 4.1, RFC 7636, OpenID Connect Core section 3.1).
package struct SignInService: Sendable {
    /// Where to send the browser, and what it must keep until it comes back.
    package struct Start: Sendable {
        package let location: String
        package let cookie: LoginCookie
    }

    /// What the browser gets at the end.
    package enum End: Sendable {
        case tokens(TokenPair)
        /// The address of the app that began the sign-in, with a code or an error; with a code, also for whom.
        case redirect(String, user: Identifier<User>?)
    }

    /// The identity providers that are on, in the order in which people see them.
    package let providers: [any IdentityProvider]

    private let identities: IdentityService
    private let sessions: any SessionRepository
    private let sessionService: SessionService
    private let codes: AuthorizationCodeService
    private let redirectURLs: [RedirectURL]
    let encryption: AuthenticatedEncryption
    let publicURL: PublicURL
    let clock: any WallClock
    private let logger: Logger

    /// - Parameters:
    ///   - providers: The identity providers that are on.
    ///   - identities: Finds the user of an identity.
    ///   - sessions: Where used states live.
    ///   - sessionService: Opens the session, when no app does.
    ///   - codes: Makes the codes for apps.
    ///   - redirectURLs: Where a sign-in may return to.
    ///   - encryption: Seals the cookie and what links are made of, with the key for ``DerivedKey/Purpose/loginState``.
    ///   - publicURL: What redirect addresses are built from.
    ///   - clock: The time of day.
    ///   - logger: Gets a line for each failure that only an app hears of.
    package init(
        providers: [any IdentityProvider],
        identities: IdentityService,
        sessions: any SessionRepository,
        sessionService: SessionService,
        codes: AuthorizationCodeService,
        redirectURLs: [RedirectURL],
        encryption: AuthenticatedEncryption,
        publicURL: PublicURL,
        clock: any WallClock,
        logger: Logger
    ) {
        self.providers = providers
        self.identities = identities
        self.sessions = sessions
        self.sessionService = sessionService
        self.codes = codes
        self.redirectURLs = redirectURLs
        self.encryption = encryption
        self.publicURL = publicURL
        self.clock = clock
        self.logger = logger
    }

    /// Where signing in with `provider` begins.
    package func loginURL(of provider: any IdentityProvider) -> String {
        "\(publicURL)/api/v1/auth/\(provider.name)/login"
    }

    /// Begins a sign-in.
    ///
    /// - Parameters:
    ///   - name: The provider.
    ///   - redirectTo: The address of the app to return to; nil when the callback itself is to answer.
    ///   - codeChallenge: The app's S256 challenge.
    ///   - appState: What the app gets back unread.
    /// - Returns: Where to send the browser.
    /// - Throws: ``ErrorCode/notFound`` for an unknown provider, ``ErrorCode/invalidRedirect`` for an address that it may
    ///   not return to, ``ErrorCode/validationFailed`` when the challenge is missing, ``ErrorCode/upstream`` when the
    ///   provider does not answer.
    package func begin(
        with name: String,
        redirectTo: String? = nil,
        codeChallenge: String? = nil,
        appState: String? = nil
    ) async throws(DomainError) -> Start {
        let provider = try provider(named: name)
        return try await start(with: provider, for: try app(at: redirectTo, codeChallenge, state: appState))
    }

    /// Sends the browser to `provider`.
    func start(
        with provider: any IdentityProvider,
        for app: AppReturn?
    ) async throws(DomainError) -> Start {
        let login: LoginState
        let challenge: String
        let sealed: String
        do {
            let pkce = try PKCE.generate()
            challenge = pkce.challenge
            login = LoginState(
                provider: provider.name,
                state: try OpaqueToken.generate().text.exposed,
                nonce: try OpaqueToken.generate().text.exposed,
                codeVerifier: pkce.verifier,
                expiresAt: clock.now() + LoginState.lifetime,
                app: app
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
                redirectURI: redirectURI(of: provider.name)
            )
        )
        return Start(
            location: location,
            cookie: LoginCookie(state: login.state, value: sealed, isSecure: publicURL.isSecure)
        )
    }

    /// Finishes the sign-in that `callback` belongs to: checks the state, swaps the code, finds or makes the user, and
    /// opens a session, or gives an app the code to open one with; or, for a link, the code to link the identity with.
    ///
    /// An app hears of a failure, too, once it is certain that it began this sign-in: its user is not left on a page of
    /// ours.
    ///
    /// - Throws: ``ErrorCode/invalidState`` for a state that is missing, not this browser's, too old or used before.
    ///   Without an app also ``ErrorCode/unauthenticated`` and ``ErrorCode/malformed`` for what the provider sent;
    ///   ``ErrorCode/accountLinkRequired`` when the e-mail address belongs to another user; ``ErrorCode/forbidden`` when
    ///   the provider refused, tells no e-mail address, or the user is not active.
    package func complete(_ callback: SignInCallback) async throws(DomainError) -> End {
        let provider = try provider(named: callback.provider)
        let login = try loginState(of: callback)
        try await use(login)
        guard let app = login.app else {
            let user = try await identities.user(for: try await identity(of: callback, login, provider))
            return .tokens(
                try await sessionService.open(
                    for: user,
                    method: provider.name,
                    userAgent: callback.userAgent,
                    address: callback.address
                )
            )
        }
        do throws(DomainError) {
            let identity = try await identity(of: callback, login, provider)
            let user: Identifier<User>
            let code: Redacted<String>
            if let linkingUser = app.linkingUser {
                user = linkingUser
                code = try linkCode(for: user, identity, to: app)
            } else {
                user = try await identities.user(for: identity)
                code = try await codes.issue(for: user, method: provider.name, to: app)
            }
            return .redirect(app.location(with: ("code", code.exposed)), user: user)
        } catch {
            log(error, provider)
            return .redirect(app.location(with: error), user: nil)
        }
    }

    /// The name of the cookie that a callback with `state` needs.
    package func cookieName(forState state: String) -> String {
        LoginCookie.name(state: state, isSecure: publicURL.isSecure)
    }

    /// Whether cookies must be marked for https alone.
    package var isSecure: Bool { publicURL.isSecure }

    /// - Throws: ``ErrorCode/notFound``.
    func provider(named name: String) throws(DomainError) -> any IdentityProvider {
        guard let provider = providers.first(where: { $0.name == name }) else {
            throw DomainError(.notFound, "There is no such identity provider.")
        }
        return provider
    }

    /// The person that the provider names.
    private func identity(
        of callback: SignInCallback,
        _ login: LoginState,
        _ provider: any IdentityProvider
    ) async throws(DomainError) -> ExternalIdentity {
        guard callback.error == nil else {
            throw DomainError(.forbidden, "The provider did not sign the person in.")
        }
        guard let code = callback.code else {
            throw DomainError(.malformed, "The callback has no code.")
        }
        return try await provider.identity(
            for: AuthorizationCallback(
                code: Redacted(code),
                codeVerifier: login.codeVerifier,
                nonce: login.nonce,
                redirectURI: redirectURI(of: callback.provider),
                issuer: callback.issuer
            )
        )
    }

    /// - Throws: ``ErrorCode/invalidRedirect``, ``ErrorCode/validationFailed``.
    private func app(
        at redirectTo: String?,
        _ codeChallenge: String?,
        state: String?
    ) throws(DomainError) -> AppReturn? {
        guard let redirectTo else {
            // An app that forgot its address must not take the token pair on our page for an answer to itself.
            guard codeChallenge == nil, state == nil else { throw Self.missing("redirect_to") }
            return nil
        }
        try requireAllowed(redirectTo)
        guard let codeChallenge else { throw Self.missing("code_challenge") }
        return AppReturn(redirectURI: redirectTo, codeChallenge: codeChallenge, state: state)
    }

    /// - Throws: ``ErrorCode/invalidRedirect``.
    func requireAllowed(_ redirectTo: String) throws(DomainError) {
        guard redirectURLs.contains(where: { $0.matches(redirectTo) }) else {
            throw DomainError(.invalidRedirect, "A sign-in may not return to this address.")
        }
    }

    private static func missing(_ parameter: String) -> DomainError {
        DomainError(
            .validationFailed,
            "The input is not valid.",
            fields: [.init(parameter, code: "required", message: "is required beside the others")]
        )
    }

    /// A line about a failure that only the app hears of.
    private func log(_ error: DomainError, _ provider: any IdentityProvider) {
        let isOurs = [.internal, .unavailable, .upstream].contains(error.code)
        var metadata: Logger.Metadata = [
            "provider": "\(provider.name)", "code": "\(error.code.rawValue)", "detail": "\(error.detail)",
        ]
        if let cause = error.cause { metadata["cause"] = "\(String(reflecting: cause))" }
        logger.log(level: isOurs ? .error : .info, "sign-in failed", metadata: metadata)
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

    static let invalidState = DomainError(
        .invalidState,
        "The sign-in was not begun in this browser, was completed before, or took too long."
    )
}
