// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Cryptography
import Models
import Outbound

/// Any OpenID Connect issuer: Google, Microsoft, Keycloak, a company's own (OpenID Connect Core 1.0 section 3.1 with
/// PKCE, RFC 7636).
package struct OIDCProvider: IdentityProvider {
    /// The issuer's keys may be many; nothing else that it sends is large.
    private static let keySetLimit = 256 * 1024

    package let name: String
    package let displayName: String
    package var issuer: String { settings.issuer }

    let settings: ProviderSettings
    let transport: any HTTPTransport
    private let discovery: DocumentCache<DiscoveryDocument>
    private let keySet: DocumentCache<JSONWebKeySet>
    private let verifier: IDTokenVerifier
    private let clock: any WallClock

    /// Does not call the issuer yet.
    ///
    /// - Parameters:
    ///   - settings: Who the issuer is, and who we are to it.
    ///   - transport: What calls it.
    ///   - clock: The time of day, for the ID token.
    ///   - now: The time that only runs forward, for what is cached.
    /// - Throws: ``OutboundError`` when the issuer is no https URL (or http URL of this host) without query and fragment.
    package init(
        _ settings: ProviderSettings,
        transport: any HTTPTransport,
        clock: any WallClock = SystemClock(),
        now: @escaping @Sendable () -> MonotonicTime = { .now() }
    ) throws(OutboundError) {
        let documentURL = try DiscoveryDocument.url(of: settings.issuer)
        let discovery = DocumentCache(now: now) { () async throws(DomainError) -> DiscoveryDocument in
            let json = try await transport.json(.get(documentURL, headers: [.acceptJSON]))
            do throws(ProviderError) {
                return try DiscoveryDocument(parsing: json, issuer: settings.issuer)
            } catch {
                throw .upstream(error)
            }
        }
        self.discovery = discovery
        self.keySet = DocumentCache(now: now) { () async throws(DomainError) -> JSONWebKeySet in
            let url = try await discovery.snapshot().document.keySetURL
            let json = try await transport.json(
                .get(url, headers: [.acceptJSON], responseLimit: Self.keySetLimit)
            )
            do throws(TokenError) {
                return try JSONWebKeySet(parsing: json)
            } catch {
                throw .upstream(error)
            }
        }
        self.verifier = IDTokenVerifier(issuer: settings.issuer, clientID: settings.clientID)
        self.name = settings.name
        self.displayName = settings.displayName
        self.settings = settings
        self.transport = transport
        self.clock = clock
    }

    package func authorizationURL(for request: AuthorizationRequest) async throws(DomainError) -> String {
        try await discovery.snapshot().document.authorizationEndpoint.appending(query: [
            ("response_type", "code"),
            ("client_id", settings.clientID),
            ("redirect_uri", request.redirectURI),
            ("scope", settings.scopes.joined(separator: " ")),
            ("state", request.state),
            ("nonce", request.nonce),
            ("code_challenge", request.codeChallenge),
            ("code_challenge_method", PKCE.method),
        ])
    }

    package func identity(for callback: AuthorizationCallback) async throws(DomainError) -> ExternalIdentity {
        let document = try await discovery.snapshot().document
        try check(callback.issuer, document)
        let tokens = try await redeem(callback, at: document)
        let claims = try await verify(tokens.idToken, nonce: callback.nonce)
        var profile = Profile(claims)
        if profile.email == nil, let endpoint = document.userInfoEndpoint {
            profile = try await userInfo(at: endpoint, accessToken: tokens.accessToken, subject: claims.subject)
        }
        return ExternalIdentity(
            issuer: claims.issuer,
            subject: claims.subject,
            email: profile.email,
            isEmailVerified: profile.isEmailVerified,
            displayName: profile.name ?? claims.name
        )
    }

    /// Refuses an answer that another issuer sent to this one's callback (RFC 9207 section 2.4: the mix-up attack).
    private func check(_ issuer: String?, _ document: DiscoveryDocument) throws(DomainError) {
        let isRight = issuer.map { $0.utf8.elementsEqual(settings.issuer.utf8) } ?? !document.sendsIssuer
        guard isRight else { throw DomainError(.malformed, "The callback is not from this identity provider.") }
    }

    /// Checks the ID token, with newer keys when the ones at hand do not have its key.
    private func verify(_ token: String, nonce: String) async throws(DomainError) -> IDTokenClaims {
        let keys = try await keySet.snapshot()
        do throws(TokenError) {
            return try verifier.verify(token, keys: keys.document, nonce: nonce, now: clock.now())
        } catch {
            guard error.code == .unknownKey, let newer = try await keySet.snapshot(after: keys) else {
                throw .invalidIDToken(error)
            }
            do throws(TokenError) {
                return try verifier.verify(token, keys: newer.document, nonce: nonce, now: clock.now())
            } catch {
                throw .invalidIDToken(error)
            }
        }
    }
}

extension DomainError {
    /// What the provider says about the person does not hold.
    static func invalidIDToken(_ cause: any Error) -> DomainError {
        DomainError(.unauthenticated, "The identity provider's answer about you is not valid.", cause: cause)
    }
}
