// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Database
import Models

/// The identities of users in PostgreSQL: `oauth_accounts`.
package struct PostgresIdentityRepository: IdentityRepository {
    private let database: any StatementExecutor

    package init(database: any StatementExecutor) {
        self.database = database
    }

    /// `for share` waits for a transaction that changes the user's address or its standing at this moment, and then
    /// looks again: nothing is linked on the strength of what is not true any more.
    private static let linkToVerified = Statement.write(
        """
        with owner as (
            select id
            from users
            where email = $4 and is_email_verified and is_active
            for share
        )
        insert into oauth_accounts (issuer, subject, user_id, email, created_at)
        select $1, $2, id, left($3::text, 320), $5
        from owner
        on conflict (issuer, subject) do nothing
        """
    )

    package func link(
        _ identity: ExternalIdentity,
        toVerified email: EmailAddress,
        at instant: Timestamp
    ) async throws(DomainError) {
        _ = try await database.run(
            Self.linkToVerified,
            [
                .text(identity.issuer), .text(identity.subject), .text(identity.email), .text(email.text),
                .timestamp(instant),
            ]
        )
    }
}
