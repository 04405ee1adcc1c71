// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// GitHub as the settings describe it.
///
/// Settings: `POSTERN_GITHUB_CLIENT_ID`, `POSTERN_GITHUB_CLIENT_SECRET`; `POSTERN_GITHUB_AUTHORIZE_URL`, `…_TOKEN_URL`
/// and `…_API_URL` for tests.
package struct GitHubSettings: Sendable {
    /// The path segment of the provider.
    package static let name = "github"

    package let clientID: String
    package let clientSecret: Redacted<String>
    package let authorizeURL: String
    package let tokenURL: String
    /// Without a slash at its end.
    package let apiURL: String

    package init(
        clientID: String,
        clientSecret: Redacted<String>,
        authorizeURL: String = "https://github.com/login/oauth/authorize",
        tokenURL: String = "https://github.com/login/oauth/access_token",
        apiURL: String = "https://api.github.com"
    ) {
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.authorizeURL = authorizeURL
        self.tokenURL = tokenURL
        self.apiURL = apiURL
    }

    /// GitHub, when the settings turn it on.
    ///
    /// - Throws: ``ConfigurationError`` when the client id or its secret is missing.
    package static func read(_ settings: Settings) throws(ConfigurationError) -> GitHubSettings? {
        guard let clientID = settings.text(SettingKey.githubClientID) else {
            let others = [
                SettingKey.githubClientSecret, SettingKey.githubAuthorizeURL, SettingKey.githubTokenURL,
                SettingKey.githubAPIURL,
            ]
            guard let key = others.first(where: settings.keys.contains) else { return nil }
            throw ConfigurationError(SettingKey.githubClientID, "must be set with \(key)")
        }
        guard let secret = settings.text(SettingKey.githubClientSecret) else {
            throw ConfigurationError(SettingKey.githubClientSecret, "must be set with \(SettingKey.githubClientID)")
        }
        let standard = GitHubSettings(clientID: clientID, clientSecret: Redacted(secret))
        return GitHubSettings(
            clientID: clientID,
            clientSecret: standard.clientSecret,
            authorizeURL: settings.text(SettingKey.githubAuthorizeURL) ?? standard.authorizeURL,
            tokenURL: settings.text(SettingKey.githubTokenURL) ?? standard.tokenURL,
            apiURL: settings.text(SettingKey.githubAPIURL) ?? standard.apiURL
        )
    }
}
