// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// What a caller changes of an API key; what is absent stays as it is.
package struct APIKeyChangeRequest: RequestSchema {
    package let name: Change<String>
    package let roles: Change<Set<String>>
    package let permissions: Change<Set<String>>
    package let expiresAt: Change<Timestamp?>

    private static let name = Field(
        "name",
        .change(.text(1...100, example: "Nightly backup")),
        "What the key is for.",
        default: .keep
    )
    private static let roles = Field(
        "roles",
        .change(.list(of: .roleName(), limit: 100)),
        "Names of all roles that the key shall have; its owner must hold them.",
        default: .keep
    )
    private static let permissions = Field(
        "permissions",
        .change(.list(of: .permissionName, limit: 1000)),
        "All permissions that the key shall have directly; its owner must hold them.",
        default: .keep
    )
    private static let expiresAt = Field(
        "expires_at",
        .change(.optional(.timestamp)),
        "When the key ends; null for never. That of a key that has expired cannot change.",
        default: .keep
    )

    package static let fields: [any FieldDescription] = [name, roles, permissions, expiresAt]

    package init(_ values: FieldValues) throws(DomainError) {
        self.name = try values.get(Self.name)
        self.roles = try values.get(Self.roles).map { Set($0.map(\.text)) }
        self.permissions = try values.get(Self.permissions).map { Set($0.map(\.description)) }
        self.expiresAt = try values.get(Self.expiresAt)
    }
}

extension Change {
    /// The same of what `transform` makes of the value.
    fileprivate func map<Other: Sendable>(_ transform: (Value) -> Other) -> Change<Other> {
        switch self {
        case .keep: .keep
        case .set(let value): .set(transform(value))
        }
    }
}
