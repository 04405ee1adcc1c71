// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// Which users are wanted, and which page of them.
package struct UserListQuery: RequestSchema {
    package let limit: Int
    package let cursor: Cursor?
    package let filter: UserFilter

    private static let cursor = Field(
        "cursor",
        .omittable(.searchCursor),
        "The next_cursor of the page before; the other parameters stay the same.",
        default: nil
    )
    private static let text = Field(
        "q",
        .omittable(.text(1...100)),
        "Only users with a word, in e-mail address or name, that begins with this; sorted by the words found.",
        default: nil
    )
    private static let isActive = Field(
        "is_active",
        .omittable(.boolean),
        "Only users who are active, or only those who are not.",
        default: nil
    )
    private static let role = Field(
        "role_id",
        .omittable(.id(of: Role.self)),
        "Only users who hold this role; stands beside neither q nor is_active.",
        default: nil
    )

    package static let fields: [any FieldDescription] = [PageQuery.limit, cursor, text, isActive, role]

    package init(_ values: FieldValues) throws(DomainError) {
        self.limit = Int(try values.get(PageQuery.limit))
        self.cursor = try values.get(Self.cursor)
        self.filter = UserFilter(
            text: try values.get(Self.text),
            isActive: try values.get(Self.isActive),
            role: try values.get(Self.role)
        )
    }

    /// Behind which user the page begins.
    package var place: UserListItem.Place? {
        cursor.map { UserListItem.Place(id: $0.id(), term: $0.term) }
    }
}
