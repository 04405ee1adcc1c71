// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The installation's secret, from which every other key is derived, and while it is being changed a second one.
///
/// Settings: `POSTERN_SECRET` or `POSTERN_SECRET_FILE`; `POSTERN_PREVIOUS_SECRET` or `POSTERN_PREVIOUS_SECRET_FILE`.
package struct SecretConfiguration: Sendable {
    package let current: SecretSetting
    /// What belongs to this one is accepted, too; nil unless the secret is being changed.
    package let previous: SecretSetting?

    /// - Throws: ``ConfigurationError`` when there is no secret, a setting stands beside its file, a file cannot be
    ///   read, or both secrets are the same.
    package init(_ settings: Settings) throws(ConfigurationError) {
        guard
            let current = try SecretSetting(settings, key: SettingKey.secret, fileKey: SettingKey.secretFile)
        else {
            throw ConfigurationError(
                SettingKey.secret,
                "must be set to at least 32 random bytes in base64: openssl rand -base64 32"
            )
        }
        let previous = try SecretSetting(
            settings,
            key: SettingKey.previousSecret,
            fileKey: SettingKey.previousSecretFile
        )
        if let previous, previous.encoded.exposed == current.encoded.exposed {
            throw ConfigurationError(previous.key, "must be another secret than \(current.key)")
        }
        self.current = current
        self.previous = previous
    }
}
