// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// The text of an API key of the right form.
///
/// It cannot be printed by accident, and it is not yet known to exist.
package struct APIKeySecret: Sendable {
    /// What the caller sends.
    package let text: Redacted<String>

    /// The end of the text, by which people tell their keys apart.
    ///
    /// It is part of the checksum, so 160 bits of the secret stay unknown.
    package var lastFour: String { String(text.exposed.suffix(4)) }

    init(text: String) {
        self.text = Redacted(text)
    }
}
