// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Models

/// A session, so that its user knows it again.
package struct SessionResponse: ResponseSchema {
    private let session: Session
    private let isCurrent: Bool

    /// - Parameters:
    ///   - session: The session.
    ///   - current: The one that the caller is in; nil for a caller without one.
    package init(_ session: Session, current: Identifier<Session>?) {
        self.session = session
        self.isCurrent = session.id == current
    }

    package static let properties: [Property<SessionResponse>] = [
        .id("id") { $0.session.id },
        .text("method", "How the user signed in: the name of the provider, or `link`.") { $0.session.method },
        .text(
            "user_agent",
            "The program that used the session last, as it calls itself.",
            orNull: { $0.session.userAgent }
        ),
        .text("address", "The IP address from which the session was last used.", orNull: { $0.session.address }),
        .time("created_at") { $0.session.createdAt },
        .time("last_used_at", "When its tokens were last refreshed.") { $0.session.lastUsedAt },
        .time("expires_at") { $0.session.expiresAt },
        .boolean("is_current", "Whether it is the session of this request.") { $0.isCurrent },
    ]
}
