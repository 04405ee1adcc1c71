// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Services

extension LoginCookie {
    /// The `Set-Cookie` value that gives the cookie to the browser (RFC 6265 section 4.1).
    ///
    /// `SameSite=Lax` because the provider's redirect is a navigation from another site, which `Strict` would send
    /// without the cookie.
    var header: String {
        Self.header(name: name, value: value, maximumAge: lifetime.components.seconds, isSecure: isSecure)
    }

    /// The `Set-Cookie` value that takes the cookie named `name` away again.
    static func expiredHeader(name: String, isSecure: Bool) -> String {
        header(name: name, value: "", maximumAge: 0, isSecure: isSecure)
    }

    private static func header(name: String, value: String, maximumAge: Int64, isSecure: Bool) -> String {
        "\(name)=\(value); Path=/; Max-Age=\(maximumAge); HttpOnly; SameSite=Lax\(isSecure ? "; Secure" : "")"
    }
}
