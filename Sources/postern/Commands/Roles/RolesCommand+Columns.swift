// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import TerminalText

extension RolesCommand {
    /// What people see of a role in a list.
    static let listColumns: [Column<Role>] = [
        Column("id") { $0.id.description },
        Column("name") { $0.name },
        Column("built in") { $0.isBuiltIn.forPeople },
        Column("permissions") { "\($0.permissions.count)" },
        Column("description") { $0.description },
    ]

    /// What people see of one role.
    static let columns: [Column<Role>] = [
        Column("id") { $0.id.description },
        Column("name") { $0.name },
        Column("description") { $0.description },
        Column("built in") { $0.isBuiltIn.forPeople },
        Column("permissions") { $0.permissions.forPeople },
        Column("created") { $0.createdAt.forPeople },
        Column("updated") { $0.updatedAt.forPeople },
    ]
}
