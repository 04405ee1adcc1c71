// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import Services
import TerminalText

extension KeysCommand {
    /// What people see of an API key in a list.
    static let listColumns: [Column<APIKey>] = [
        Column("id") { $0.id.description },
        Column("name") { $0.name },
        Column("key") { $0.forPeople },
        Column("owner") { $0.ownerID.description },
        Column("expires") { $0.expiresAt?.forPeople ?? "never" },
        Column("last used") { $0.lastUsedAt?.forPeople ?? "never" },
    ]

    /// What people see of one API key.
    static let columns: [Column<APIKey>] = columns(key: \.forPeople, of: \.self)

    /// The same with the secret, which is shown once.
    static let createdColumns: [Column<APIKeyService.Created>] = columns(key: \.secret.exposed, of: \.key)

    private static func columns<Item>(
        key: @escaping @Sendable (Item) -> String,
        of item: @escaping @Sendable (Item) -> APIKey
    ) -> [Column<Item>] {
        [
            Column("key", key),
            Column("id") { item($0).id.description },
            Column("name") { item($0).name },
            Column("owner") { item($0).ownerID.description },
            Column("roles") { item($0).grants.roles.forPeople },
            Column("permissions") { item($0).grants.permissions.forPeople },
            Column("created") { item($0).createdAt.forPeople },
            Column("expires") { item($0).expiresAt?.forPeople ?? "never" },
            Column("last used") { item($0).lastUsedAt?.forPeople ?? "never" },
            Column("uses") { String(item($0).useCount) },
        ]
    }
}

extension APIKey {
    /// Enough to recognise the key.
    var forPeople: String { "\(prefix)_…\(lastFour)" }
}
