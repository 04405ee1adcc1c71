// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// How long tokens and sessions live, and how API keys begin.
///
/// Settings: `POSTERN_ACCESS_TOKEN_TTL`, `POSTERN_REFRESH_TOKEN_TTL`, `POSTERN_SESSION_TTL`, `POSTERN_API_KEY_PREFIX`.
package struct TokenConfiguration: Sendable {
    /// The longest life of an access token that can be set.
    package static let maximumAccessTokenTTL = Duration.seconds(86_400)

    package let accessTokenTTL: Duration
    package let refreshTokenTTL: Duration
    /// However often its tokens are refreshed, a session ends after this time.
    package let sessionTTL: Duration
    package let apiKeyPrefix: String

    /// - Throws: ``ConfigurationError`` for a value out of range.
    package init(_ settings: Settings) throws(ConfigurationError) {
        self.accessTokenTTL =
            try settings.duration(SettingKey.accessTokenTTL, in: .seconds(60)...Self.maximumAccessTokenTTL)
            ?? .seconds(1800)
        self.refreshTokenTTL =
            try settings.duration(SettingKey.refreshTokenTTL, in: .seconds(300)...(.seconds(366 * 86_400)))
            ?? .seconds(30 * 86_400)
        self.sessionTTL =
            try settings.duration(SettingKey.sessionTTL, in: .seconds(300)...(.seconds(366 * 86_400)))
            ?? .seconds(90 * 86_400)
        let prefix = settings.text(SettingKey.apiKeyPrefix) ?? "pst"
        let isLetterOrDigit: (UInt8) -> Bool = { (97...122).contains($0) || (48...57).contains($0) }
        guard (2...12).contains(prefix.utf8.count), prefix.utf8.allSatisfy(isLetterOrDigit) else {
            throw ConfigurationError(SettingKey.apiKeyPrefix, "must be 2 to 12 characters of a-z and 0-9")
        }
        self.apiKeyPrefix = prefix
    }
}
