// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The name of a permission: `resource:action`, as in `users:read`.
package struct PermissionName: Hashable, Sendable, CustomStringConvertible {
    /// As ECMA 262 writes it, for JSON Schema.
    package static let pattern = "^[a-z][a-z0-9_.-]{0,63}:[a-z][a-z0-9_.-]{0,63}$"

    package let resource: String
    package let action: String

    /// Nil unless both parts are 1 to 64 characters of `a-z`, `0-9`, `_`, `-` and `.`, beginning with a letter.
    package init?(resource: String, action: String) {
        guard Self.isPart(resource), Self.isPart(action) else { return nil }
        self.resource = resource
        self.action = action
    }

    /// Reads `resource:action`.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        self.init(resource: String(parts[0]), action: String(parts[1]))
    }

    package var description: String { "\(resource):\(action)" }

    /// What a role's name, and either part of a permission's, may be.
    static func isPart(_ text: String) -> Bool {
        guard let first = text.utf8.first, (97...122).contains(first), text.utf8.count <= 64 else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 97...122, 48...57, UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): true
            default: false
            }
        }
    }
}
