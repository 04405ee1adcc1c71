// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

extension Sample {
    /// An event `seconds` after the present of all tests, which lies in January 2027.
    static func event(
        _ action: AuditAction = .userChanged,
        of subject: AuditSubject = .user(.make(at: now)),
        by actor: AuditActor = .system,
        at seconds: Int = 0
    ) -> AuditEvent {
        AuditEvent(action, of: subject, by: actor, at: now + .seconds(seconds), ["changed": ["email"]])
    }
}
