// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What a browser brings back from a provider.
///
/// Every part of it comes from outside.
package struct SignInCallback: Sendable {
    package let provider: String
    package let state: String?
    package let code: String?
    /// The parameter `error` (RFC 6749 section 4.1.2.1).
    package let error: String?
    /// The parameter `iss` (RFC 9207).
    package let issuer: String?
    /// The value of the cookie that belongs to the state.
    package let cookie: String?
    package let userAgent: String?
    package let address: IPAddress?

    package init(
        provider: String,
        state: String?,
        code: String?,
        error: String?,
        issuer: String?,
        cookie: String?,
        userAgent: String?,
        address: IPAddress?
    ) {
        self.provider = provider
        self.state = state
        self.code = code
        self.error = error
        self.issuer = issuer
        self.cookie = cookie
        self.userAgent = userAgent
        self.address = address
    }
}
