// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The name of a role, as tokens and rules write it: `admin`, `billing.read-only`.
package struct RoleName: Hashable, Sendable, CustomStringConvertible {
    /// As ECMA 262 writes it, for JSON Schema.
    package static let pattern = "^[a-z][a-z0-9_.-]{0,63}$"

    package let text: String

    /// Nil unless `text` is 1 to 64 characters of `a-z`, `0-9`, `_`, `-` and `.`, beginning with a letter: names that
    /// look the same are the same.
    package init?(_ text: String) {
        guard PermissionName.isPart(text) else { return nil }
        self.text = text
    }

    package var description: String { text }
}
