// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// One identity provider as the settings describe it.
///
/// Settings: `POSTERN_GOOGLE_CLIENT_ID`, `POSTERN_GOOGLE_CLIENT_SECRET`, `POSTERN_GOOGLE_ISSUER`, and for any OpenID
/// Connect issuer `POSTERN_OIDC_<NAME>_ISSUER`, `…_CLIENT_ID`, `…_CLIENT_SECRET`, `…_SCOPES`.
package struct ProviderSettings: Sendable {
    /// The path segment: `google`, `corp`.
    package let name: String
    package let displayName: String
    package let issuer: String
    package let clientID: String
    /// Nil for a public client.
    package let clientSecret: Redacted<String>?
    package let scopes: [String]

    package init(
        name: String,
        displayName: String,
        issuer: String,
        clientID: String,
        clientSecret: Redacted<String>?,
        scopes: [String]
    ) {
        self.name = name
        self.displayName = displayName
        self.issuer = issuer
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.scopes = scopes
    }

    /// The setting that names the issuer, for messages.
    package var issuerKey: String {
        name == Self.google
            ? SettingKey.googleIssuer : "POSTERN_OIDC_\(name.uppercased().replacing("-", with: "_"))_ISSUER"
    }

    /// Every provider that the settings turn on, in the order of their names.
    ///
    /// - Throws: ``ConfigurationError`` for a provider whose issuer or client id is missing.
    package static func all(_ settings: Settings) throws(ConfigurationError) -> [ProviderSettings] {
        var providers: [ProviderSettings] = []
        if let clientID = settings.text(SettingKey.googleClientID) {
            guard let secret = settings.text(SettingKey.googleClientSecret) else {
                throw ConfigurationError(
                    SettingKey.googleClientSecret,
                    "must be set with \(SettingKey.googleClientID)"
                )
            }
            providers.append(
                ProviderSettings(
                    name: google,
                    displayName: "Google",
                    issuer: settings.text(SettingKey.googleIssuer) ?? "https://accounts.google.com",
                    clientID: clientID,
                    clientSecret: Redacted(secret),
                    scopes: defaultScopes
                )
            )
        } else if let key = [SettingKey.googleClientSecret, SettingKey.googleIssuer].first(
            where: settings.keys.contains
        ) {
            throw ConfigurationError(SettingKey.googleClientID, "must be set with \(key)")
        }
        let names = Set(settings.keys.compactMap { SettingKey.oidc($0)?.name })
        for name in names.sorted() { providers.append(try oidc(named: name, settings)) }

        if let twice = Dictionary(grouping: providers, by: \.name).first(where: { $0.value.count > 1 })?.key {
            throw ConfigurationError(
                "POSTERN_OIDC_\(twice.uppercased())_ISSUER",
                "names a provider that exists already"
            )
        }
        return providers
    }

    private static let google = "google"
    private static let defaultScopes = ["openid", "email", "profile"]

    private static func oidc(named name: String, _ settings: Settings) throws(ConfigurationError) -> ProviderSettings {
        func key(_ part: SettingKey.OIDCPart) -> String { "POSTERN_OIDC_\(name)_\(part.rawValue)" }
        let isAllowed = name.utf8.allSatisfy {
            (65...90).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "_")
        }
        guard isAllowed, name.utf8.count <= 32 else {
            throw ConfigurationError(key(.issuer), "must name the provider with A-Z, 0-9 and _ alone")
        }
        guard let issuer = settings.text(key(.issuer)) else {
            throw ConfigurationError(key(.issuer), "must be set with the other POSTERN_OIDC_\(name)_ settings")
        }
        guard let clientID = settings.text(key(.clientID)) else {
            throw ConfigurationError(key(.clientID), "must be set with \(key(.issuer))")
        }
        var scopes = settings.text(key(.scopes))?.split { $0 == " " || $0 == "," }.map(String.init) ?? defaultScopes
        if !scopes.contains("openid") { scopes.insert("openid", at: 0) }
        return ProviderSettings(
            name: name.lowercased().replacing("_", with: "-"),
            displayName: name.lowercased().replacing("_", with: " ").capitalizedWords,
            issuer: issuer,
            clientID: clientID,
            clientSecret: settings.text(key(.clientSecret)).map(Redacted.init),
            scopes: scopes
        )
    }
}

extension String {
    fileprivate var capitalizedWords: String {
        split(separator: " ").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: " ")
    }
}
