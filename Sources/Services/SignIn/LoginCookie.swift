// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// The cookie that binds a sign-in to the browser that begins it.
///
/// Each sign-in has its own, so that several can go on in one browser.
package struct LoginCookie: Sendable {
    package let name: String
    package let value: String
    package let isSecure: Bool
    /// How long the browser keeps it.
    package let lifetime = LoginState.lifetime

    init(state: String, value: String, isSecure: Bool) {
        self.name = Self.name(state: state, isSecure: isSecure)
        self.value = value
        self.isSecure = isSecure
    }

    /// `__Host-` makes browsers insist on https, on the whole host and on no other host (RFC 6265bis section 4.1.3.2);
    /// without https, which only a loopback address may do, there is no such prefix.
    static func name(state: String, isSecure: Bool) -> String {
        let isNameCharacter: (UInt8) -> Bool = { byte in
            switch byte {
            case 97...122, 65...90, 48...57, UInt8(ascii: "-"), UInt8(ascii: "_"): true
            default: false
            }
        }
        let suffix = String(decoding: state.utf8.prefix(8).filter(isNameCharacter), as: UTF8.self)
        return "\(isSecure ? "__Host-" : "")postern-login-\(suffix)"
    }
}
