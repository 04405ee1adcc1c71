// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// One change, with who made it: kept for as long as the installation wants, whatever becomes of both.
package struct AuditEvent: Hashable, Sendable {
    package let id: Identifier<AuditEvent>
    package let occurredAt: Timestamp
    /// An AuditAction, or one of a later release.
    package let action: String
    package let actor: AuditActor
    package let subject: AuditSubject
    /// What of the subject was changed: names and ids, never a secret, nor what a person is called or reached by.
    package let details: [String: JSONValue]
    package let requestID: String?
    package let clientAddress: String?

    package init(
        id: Identifier<AuditEvent>,
        occurredAt: Timestamp,
        action: String,
        actor: AuditActor,
        subject: AuditSubject,
        details: [String: JSONValue],
        requestID: String?,
        clientAddress: String?
    ) {
        self.id = id
        self.occurredAt = occurredAt
        self.action = action
        self.actor = actor
        self.subject = subject
        self.details = details
        self.requestID = requestID
        self.clientAddress = clientAddress
    }

    /// What happens now, because of the request that this task works on.
    package init(
        _ action: AuditAction,
        of subject: AuditSubject,
        by actor: AuditActor,
        at instant: Timestamp,
        _ details: [String: JSONValue] = [:]
    ) {
        let origin = RequestOrigin.current
        self.init(
            id: .make(at: instant),
            occurredAt: instant,
            action: action.rawValue,
            actor: actor,
            subject: subject,
            details: details,
            requestID: origin?.requestID,
            clientAddress: origin?.clientAddress?.description
        )
    }
}
