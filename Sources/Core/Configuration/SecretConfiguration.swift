// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// The installation's secret, from which every other key is derived.
///
/// Settings: `POSTERN_SECRET` or `POSTERN_SECRET_FILE`.
package struct SecretConfiguration: Sendable {
    /// The text of the setting: base64.
    ///
    /// Whether it is good enough is for the layer to say that derives keys from it.
    package let encoded: Redacted<String>
    /// The setting that gave it, for messages.
    package let key: String

    /// - Throws: ``ConfigurationError`` when neither or both are set, or the file cannot be read.
    package init(_ settings: Settings) throws(ConfigurationError) {
        switch (settings.text(SettingKey.secret), settings.text(SettingKey.secretFile)) {
        case (.some, .some):
            throw ConfigurationError(SettingKey.secret, "and \(SettingKey.secretFile) cannot both be set")
        case (.some(let secret), nil):
            self.key = SettingKey.secret
            self.encoded = Redacted(secret)
        case (nil, .some(let path)):
            guard let contents = FileManager.default.contents(atPath: path) else {
                throw ConfigurationError(SettingKey.secretFile, "names a file that cannot be read")
            }
            self.key = SettingKey.secretFile
            self.encoded = Redacted(String(decoding: contents, as: UTF8.self).trimmed)
        case (nil, nil):
            throw ConfigurationError(
                SettingKey.secret,
                "must be set to at least 32 random bytes in base64: openssl rand -base64 32"
            )
        }
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
