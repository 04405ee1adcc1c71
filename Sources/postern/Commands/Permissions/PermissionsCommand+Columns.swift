// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import TerminalText

extension PermissionsCommand {
    /// What people see of a permission in a list.
    static let listColumns: [Column<Permission>] = [
        Column("id") { $0.id.description },
        Column("name") { $0.name.description },
        Column("built in") { $0.isBuiltIn.forPeople },
        Column("description") { $0.description },
    ]

    /// What people see of one permission.
    static let columns: [Column<Permission>] =
        listColumns + [
            Column("created") { $0.createdAt.forPeople }
        ]
}
