// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// What a caller changes of a role; what is absent stays as it is.
package struct RoleChangeRequest: RequestSchema {
    package let name: Change<RoleName>
    package let description: Change<String>

    private static let name = Field(
        "name",
        .change(.roleName(example: "editor")),
        "What tokens and rules call the role. A built-in role keeps its name.",
        default: .keep
    )
    private static let description = Field(
        "description",
        .change(.text(0...500)),
        "What the role is for.",
        default: .keep
    )

    package static let fields: [any FieldDescription] = [name, description]

    package init(_ values: FieldValues) throws(DomainError) {
        self.name = try values.get(Self.name)
        self.description = try values.get(Self.description)
    }
}
