// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// How many requests are answered; nil where there is no limit.
///
/// Settings: `POSTERN_RATE_LIMIT_ADDRESS`, `POSTERN_RATE_LIMIT_CREDENTIAL`, `POSTERN_RATE_LIMIT_FAILED`,
/// `POSTERN_RATE_LIMIT_SIGN_IN`.
package struct RateLimitConfiguration: Sendable {
    /// Of each client address.
    ///
    /// Off by default: gateways, backends and offices are one address each.
    package let address: RateLimit?
    /// Of each API key, and of each user with an access token.
    package let credential: RateLimit?
    /// Credentials of an address that turn out not to be good.
    package let failed: RateLimit?
    /// Of each client address, at each of the operations of signing in.
    package let signIn: RateLimit?

    /// - Throws: ``ConfigurationError`` for what is neither a limit nor `off`.
    package init(_ settings: Settings) throws(ConfigurationError) {
        self.address = try Self.limit(settings, SettingKey.rateLimitAddress, default: nil)
        self.credential = try Self.limit(settings, SettingKey.rateLimitCredential, default: nil)
        self.failed = try Self.limit(
            settings,
            SettingKey.rateLimitFailed,
            default: RateLimit(count: 60, per: .seconds(60))
        )
        self.signIn = try Self.limit(
            settings,
            SettingKey.rateLimitSignIn,
            default: RateLimit(count: 30, per: .seconds(60))
        )
    }

    private static func limit(
        _ settings: Settings,
        _ key: String,
        default usual: RateLimit?
    ) throws(ConfigurationError) -> RateLimit? {
        guard let text = settings.text(key) else { return usual }
        guard text != "off" else { return nil }
        guard let limit = RateLimit(text) else {
            throw ConfigurationError(key, "must be off, or a number per s, m, h or d, such as 60/m")
        }
        return limit
    }
}
