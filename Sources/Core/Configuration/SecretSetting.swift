// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// The text of a secret, from a setting or from the file that another setting names.
package struct SecretSetting: Sendable {
    /// The text: base64.
    ///
    /// Whether it is good enough is for the layer to say that derives keys from it.
    package let encoded: Redacted<String>
    /// The setting that gave it, for messages.
    package let key: String

    /// Nil when neither is set.
    ///
    /// - Throws: ``ConfigurationError`` when both are set, or the file cannot be read.
    init?(_ settings: Settings, key: String, fileKey: String) throws(ConfigurationError) {
        switch (settings.text(key), settings.text(fileKey)) {
        case (.some, .some):
            throw ConfigurationError(key, "and \(fileKey) cannot both be set")
        case (.some(let secret), nil):
            self.key = key
            self.encoded = Redacted(secret)
        case (nil, .some(let path)):
            guard let contents = FileManager.default.contents(atPath: path) else {
                throw ConfigurationError(fileKey, "names a file that cannot be read")
            }
            self.key = fileKey
            self.encoded = Redacted(String(decoding: contents, as: UTF8.self).trimmed)
        case (nil, nil):
            return nil
        }
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
