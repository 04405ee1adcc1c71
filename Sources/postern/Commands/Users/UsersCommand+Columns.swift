// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import TerminalText

extension UsersCommand {
    /// What people see of a user in a list.
    static let listColumns: [Column<UserListItem>] = [
        Column("id") { $0.user.id.description },
        Column("e-mail") { $0.user.email.text },
        Column("name") { $0.user.displayName ?? "" },
        Column("active") { $0.user.isActive.forPeople },
        Column("roles") { $0.roles.forPeople },
    ]

    /// What people see of one user.
    static let columns: [Column<UserProfile>] = [
        Column("id") { $0.user.id.description },
        Column("e-mail") { "\($0.user.email) (\($0.user.isEmailVerified ? "verified" : "not verified"))" },
        Column("name") { $0.user.displayName ?? "" },
        Column("active") { $0.user.isActive.forPeople },
        Column("roles") { $0.grants.roles.forPeople },
        Column("permissions") { $0.grants.permissions.forPeople },
        Column("created") { $0.user.createdAt.forPeople },
        Column("updated") { $0.user.updatedAt.forPeople },
    ]
}
