// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// What a caller says of a new permission.
package struct PermissionCreateRequest: RequestSchema {
    package let name: PermissionName
    package let description: String

    private static let resource = Field(
        "resource",
        .permissionPart(example: "invoices"),
        "On what something may be done: invoices."
    )
    private static let action = Field("action", .permissionPart(example: "approve"), "What may be done: approve.")
    private static let description = Field("description", .text(0...500), "What the permission is for.", default: "")

    package static let fields: [any FieldDescription] = [resource, action, description]

    package init(_ values: FieldValues) throws(DomainError) {
        guard
            let name = PermissionName(
                resource: try values.get(Self.resource),
                action: try values.get(Self.action)
            )
        else { throw DomainError(.internal, "Two parts of a permission's name make no name.") }
        self.name = name
        self.description = try values.get(Self.description)
    }
}
