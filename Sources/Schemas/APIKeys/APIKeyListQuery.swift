// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// Whose API keys are wanted, and which page of them.
package struct APIKeyListQuery: RequestSchema {
    package let limit: Int
    package let cursor: Cursor?
    package let owner: Identifier<User>?

    private static let owner = Field(
        "owner_id",
        .omittable(.id(of: User.self)),
        "Only the keys of this user; somebody else's take the permission api_keys:manage.",
        default: nil
    )

    package static let fields: [any FieldDescription] = [PageQuery.limit, PageQuery.cursor, owner]

    package init(_ values: FieldValues) throws(DomainError) {
        self.limit = Int(try values.get(PageQuery.limit))
        self.cursor = try values.get(PageQuery.cursor)
        self.owner = try values.get(Self.owner)
    }
}
