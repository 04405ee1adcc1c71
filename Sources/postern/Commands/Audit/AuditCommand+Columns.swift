// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models
import TerminalText

extension AuditCommand {
    /// What people see of an event.
    static let columns: [Column<AuditEvent>] = [
        Column("time") { $0.occurredAt.forPeople },
        Column("action") { $0.action },
        Column("actor") { [$0.actor.kind, $0.actor.userID?.description].compactMap(\.self).joined(separator: " ") },
        Column("subject") { $0.subject.id?.lowercased ?? "" },
        Column("details") { event in
            var json = JSONWriter()
            json.value(.object(event.details))
            return json.text
        },
    ]
}
