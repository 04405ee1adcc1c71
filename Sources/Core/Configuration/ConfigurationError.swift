// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// A setting that stops the start.
///
/// The sentence names the key and never its value.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// The setting `key` is not acceptable, because of `reason`: "must be …".
    package init(_ key: String, _ reason: String) {
        self.description = "\(key) \(reason)"
    }
}
