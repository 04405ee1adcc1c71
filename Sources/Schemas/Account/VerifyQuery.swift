// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// What a gateway asks of the caller besides being known.
package struct VerifyQuery: RequestSchema {
    private let role: RoleName?
    private let permission: PermissionName?

    private static let role = Field("role", .omittable(.roleName()), "A role that must be held.", default: nil)
    private static let permission = Field(
        "permission",
        .omittable(.permissionName),
        "A permission that must be held.",
        default: nil
    )

    package static let fields: [any FieldDescription] = [role, permission]

    package init(_ values: FieldValues) throws(DomainError) {
        self.role = try values.get(Self.role)
        self.permission = try values.get(Self.permission)
    }

    /// What the caller must pass.
    package var rule: AccessRule {
        AccessRule(
            .either,
            roles: Set([role?.text].compactMap(\.self)),
            permissions: Set([permission?.description].compactMap(\.self))
        )
    }
}
