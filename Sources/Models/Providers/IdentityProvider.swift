// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// A service that people sign in with: the authorization code flow with PKCE, seen from the rules of sign-in.
///
/// The two methods throw ``DomainError`` with ``ErrorCode/upstream`` when the provider does not answer as it must.
package protocol IdentityProvider: Sendable {
    /// The path segment that stands for the provider: `google`, `dev`.
    var name: String { get }
    /// What a person reads on the button.
    var displayName: String { get }
    /// The ``ExternalIdentity/issuer`` of every identity that it vouches for.
    var issuer: String { get }

    /// Where to send the browser.
    func authorizationURL(for request: AuthorizationRequest) async throws(DomainError) -> String

    /// Swaps the code of `callback` for the identity that the provider vouches for.
    ///
    /// - Throws: Also ``ErrorCode/malformed`` when the code is wrong, used or for another client, and
    ///   ``ErrorCode/unauthenticated`` when what the provider says about the person does not hold.
    func identity(for callback: AuthorizationCallback) async throws(DomainError) -> ExternalIdentity
}

/// What binds a sign-in at a provider to the browser that begins it.
package struct AuthorizationRequest: Sendable {
    package let state: String
    package let nonce: String
    /// The S256 challenge of RFC 7636 section 4.2.
    package let codeChallenge: String
    package let redirectURI: String

    package init(state: String, nonce: String, codeChallenge: String, redirectURI: String) {
        self.state = state
        self.nonce = nonce
        self.codeChallenge = codeChallenge
        self.redirectURI = redirectURI
    }
}

/// What comes back from a provider, together with what the browser's sign-in began with.
package struct AuthorizationCallback: Sendable {
    package let code: Redacted<String>
    package let codeVerifier: Redacted<String>
    package let nonce: String
    package let redirectURI: String
    /// The parameter `iss` (RFC 9207); nil when the callback has none.
    package let issuer: String?

    package init(
        code: Redacted<String>,
        codeVerifier: Redacted<String>,
        nonce: String,
        redirectURI: String,
        issuer: String? = nil
    ) {
        self.code = code
        self.codeVerifier = codeVerifier
        self.nonce = nonce
        self.redirectURI = redirectURI
        self.issuer = issuer
    }
}
