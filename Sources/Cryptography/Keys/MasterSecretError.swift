// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Why a text is no acceptable master secret.
///
/// The description continues a sentence that begins with the setting's name; it never repeats the value.
package enum MasterSecretError: String, Error, CaseIterable, Sendable, CustomStringConvertible {
    case missing = "is empty"
    case notBase64 = "is not base64"
    case tooShort = "has fewer than 32 bytes after base64 decoding"
    case repetitive = "is a repeated pattern, not random"
    case sampleValue = "is a sample value"

    package var description: String {
        "\(rawValue); make one with: openssl rand -base64 32"
    }
}
